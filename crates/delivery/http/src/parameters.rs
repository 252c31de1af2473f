//! What is asked for in the path and in the query, refused like what is asked for in a body.

use std::error::Error;

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use fastauth_domain::{
    identifier::{AccountId, SessionId},
    role::RoleName,
};
use serde::de::DeserializeOwned;

use crate::{
    field_error::{FieldError, INVALID_ROLE_NAME, INVALID_TYPE},
    fields::identifier,
    problem::Problem,
};

/// What the path names.
pub(crate) struct InPath<T>(pub(crate) T);

/// What a path can name.
pub(crate) trait Named: Sized {
    /// What it is called in paths.
    const FIELD: &'static str;

    /// Reads it, where `field` is what it is called if it cannot be read.
    fn read(field: &'static str, text: &str) -> Result<Self, FieldError>;
}

impl Named for RoleName {
    const FIELD: &'static str = "name";

    fn read(field: &'static str, text: &str) -> Result<Self, FieldError> {
        Self::parse(text).map_err(|error| FieldError::new(field, &INVALID_ROLE_NAME, error))
    }
}

impl Named for AccountId {
    const FIELD: &'static str = "user_id";

    fn read(field: &'static str, text: &str) -> Result<Self, FieldError> {
        identifier(field, text)
    }
}

impl Named for SessionId {
    const FIELD: &'static str = "id";

    fn read(field: &'static str, text: &str) -> Result<Self, FieldError> {
        identifier(field, text)
    }
}

impl<S: Send + Sync, T: Named> FromRequestParts<S> for InPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // What is no UTF-8 is no name either.
        let text = Path::<String>::from_request_parts(parts, state).await;
        let text = text.map_or_else(|_| String::new(), |Path(text)| text);
        T::read(T::FIELD, &text).map(Self).map_err(|error| Problem::invalid(vec![error]))
    }
}

/// What the query says.
pub(crate) struct InQuery<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for InQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Query::from_request_parts(parts, state).await;
        read.map(|Query(query)| Self(query)).map_err(|unread| {
            // It names the parameter, and does not repeat what was sent.
            let why = unread.source().map_or_else(String::new, ToString::to_string);
            let error = FieldError::new("query", &INVALID_TYPE, format!("cannot be read: {why}"));
            Problem::invalid(vec![error])
        })
    }
}
