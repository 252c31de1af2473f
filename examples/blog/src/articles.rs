//! Articles, in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use fastauth::http::RequirePermission;
use serde::{Deserialize, Serialize};

use crate::roles::{CanDelete, CanRead, CanWrite};

/// All there are.
#[derive(Clone, Default)]
pub(crate) struct Articles(Arc<Mutex<BTreeMap<usize, Article>>>);

/// One of them.
#[derive(Clone, Serialize)]
pub(crate) struct Article {
    id: usize,
    author: String,
    title: String,
    text: String,
}

/// What an author gives.
#[derive(Deserialize)]
pub(crate) struct Draft {
    title: String,
    text: String,
}

impl Articles {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<usize, Article>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn list(
    _: RequirePermission<CanRead>,
    State(articles): State<Articles>,
) -> Json<Vec<Article>> {
    Json(articles.lock().values().cloned().collect())
}

pub(crate) async fn read(
    _: RequirePermission<CanRead>,
    State(articles): State<Articles>,
    Path(id): Path<usize>,
) -> Result<Json<Article>, StatusCode> {
    articles.lock().get(&id).cloned().map(Json).ok_or(StatusCode::NOT_FOUND)
}

pub(crate) async fn write(
    RequirePermission { caller, .. }: RequirePermission<CanWrite>,
    State(articles): State<Articles>,
    Json(Draft { title, text }): Json<Draft>,
) -> (StatusCode, Json<Article>) {
    let mut articles = articles.lock();
    let id = articles.last_key_value().map_or(1, |(last, _)| last + 1);
    let article = Article { id, author: caller.account.id.to_string(), title, text };
    articles.insert(id, article.clone());
    (StatusCode::CREATED, Json(article))
}

/// A permission says what somebody may do, and not to which article: that is for the blog to know.
pub(crate) async fn change(
    RequirePermission { caller, .. }: RequirePermission<CanWrite>,
    State(articles): State<Articles>,
    Path(id): Path<usize>,
    Json(Draft { title, text }): Json<Draft>,
) -> Result<Json<Article>, StatusCode> {
    let mut articles = articles.lock();
    let article = articles.get_mut(&id).ok_or(StatusCode::NOT_FOUND)?;
    if article.author != caller.account.id.to_string() {
        return Err(StatusCode::FORBIDDEN);
    }
    (article.title, article.text) = (title, text);
    Ok(Json(article.clone()))
}

pub(crate) async fn remove(
    _: RequirePermission<CanDelete>,
    State(articles): State<Articles>,
    Path(id): Path<usize>,
) -> StatusCode {
    match articles.lock().remove(&id) {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
    }
}
