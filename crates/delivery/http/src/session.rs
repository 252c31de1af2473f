//! `POST /auth/refresh`, `POST /auth/logout`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use fastauth_application::session::{RefreshError, Sessions};
use fastauth_domain::token::Token;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    json::{FromMembers, Json, Members, Noted},
    openapi::{InputProblems, RefreshProblem},
    problem::{INVALID_REFRESH_TOKEN, Problem, REFRESH_TOKEN_REUSED},
    tokens::TokenResponse,
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<Sessions>> {
    OpenApiRouter::new().routes(routes!(refresh)).routes(routes!(logout))
}

/// The newest refresh token of a session.
#[derive(ToSchema)]
struct RefreshRequest {
    /// As it was handed out.
    #[schema(value_type = String, example = "fa_refresh_AZqx...")]
    refresh_token: Token,
}

impl FromMembers for RefreshRequest {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        Ok(Self { refresh_token: members.token("refresh_token")? })
    }
}

/// Exchanges a refresh token for the next pair. A repeat within the reuse interval is answered with
/// the same refresh token; a later one ends the session.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "auth", request_body = RefreshRequest,
    responses(
        (status = 200, description = "The next pair.", body = TokenResponse),
        RefreshProblem, InputProblems,
    ),
)]
async fn refresh(
    State(sessions): State<Arc<Sessions>>,
    Caller(visitor): Caller,
    Json(RefreshRequest { refresh_token }): Json<RefreshRequest>,
) -> Result<Response, Problem> {
    let tokens = sessions.refresh(&refresh_token, &visitor).await?;
    Ok(TokenResponse::answer(StatusCode::OK, &tokens))
}

/// Ends the session of a refresh token.
#[utoipa::path(
    post, path = "/auth/logout", tag = "auth", request_body = RefreshRequest,
    responses(
        (status = 204, description = "The session has ended; also if there was none."),
        InputProblems,
    ),
)]
async fn logout(
    State(sessions): State<Arc<Sessions>>,
    Caller(visitor): Caller,
    Json(RefreshRequest { refresh_token }): Json<RefreshRequest>,
) -> Result<StatusCode, Problem> {
    sessions.logout(&refresh_token, &visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::InvalidRefreshToken => Self::new(&INVALID_REFRESH_TOKEN, error),
            RefreshError::RefreshTokenReused => Self::new(&REFRESH_TOKEN_REUSED, error),
            RefreshError::Unavailable(why) => why.into(),
        }
    }
}
