//! A blog whose viewers read, whose editors write, and whose administrators delete and say who is what.

mod articles;
pub mod roles;

use std::sync::Arc;

use axum::{
    Router,
    extract::FromRef,
    routing::{delete, get},
};
use fastauth::{
    FastAuth,
    application::{account::Accounts, roles::Roles},
    http::{Authorization, UnknownRoute},
};

use crate::articles::Articles;

/// What the blog's routes work with.
#[derive(Clone)]
struct Blog {
    articles: Articles,
    authorization: Authorization,
}

/// The blog's routes, with FastAuth's own beside them. All but the first are for people who are signed in,
/// and each says in its arguments what else it asks for.
pub fn program(auth: &FastAuth) -> Result<Router, UnknownRoute> {
    let blog = Blog { articles: Articles::default(), authorization: auth.authorization() };
    let own = Router::new()
        .route("/", get(async || "A blog. Sign in to read it."))
        .route("/articles", get(articles::list).post(articles::write))
        .route("/articles/{id}", get(articles::read).put(articles::change))
        .route("/articles/{id}", delete(articles::remove))
        .with_state(blog);
    Ok(auth.guard().public("/").protect(own)?.merge(auth.router()))
}

impl FromRef<Blog> for Articles {
    fn from_ref(blog: &Blog) -> Self {
        blog.articles.clone()
    }
}

impl FromRef<Blog> for Arc<Accounts> {
    fn from_ref(blog: &Blog) -> Self {
        Self::from_ref(&blog.authorization)
    }
}

impl FromRef<Blog> for Arc<Roles> {
    fn from_ref(blog: &Blog) -> Self {
        Self::from_ref(&blog.authorization)
    }
}
