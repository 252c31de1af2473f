//! Tokens as a client gets them.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use fastauth_application::tokens::Tokens;
use serde::Serialize;
use utoipa::ToSchema;

/// An access token to show with each request, and a refresh token to keep.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenResponse {
    /// Shown as `Authorization: Bearer <token>`.
    #[schema(example = "v4.public.eyJpc3Mi...")]
    access_token: String,
    /// Exchanged for the next pair at `/auth/refresh`, once.
    #[schema(example = "fa_refresh_AZqx...")]
    refresh_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// Seconds for which the access token is accepted.
    #[schema(example = 1800)]
    expires_in: u64,
}

impl TokenResponse {
    pub(crate) fn answer(status: StatusCode, tokens: &Tokens) -> Response {
        let body = Self {
            access_token: tokens.access_token.expose().to_owned(),
            refresh_token: tokens.refresh_token.expose().to_owned(),
            token_type: "bearer",
            expires_in: tokens.expires_in.as_secs(),
        };
        (status, axum::Json(body)).into_response()
    }
}
