//! `GET /sessions`, `DELETE /sessions/{id}`, `DELETE /sessions/all`, `POST /sessions/revoke-all`

use axum::{Json as Body, extract::State};
use fastauth_application::revocation::{Revocations, RevokeError};
use fastauth_domain::{identifier::SessionId, session::Session};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    account::rfc_3339,
    message::Message,
    openapi::{BearerProblems, PathProblem, QueryProblem, SessionProblem},
    parameters::{InPath, InQuery},
    principal::CurrentUser,
    problem::{Problem, SESSION_NOT_FOUND},
    protected::Protected,
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Protected<Revocations>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(revoke))
        .routes(routes!(delete_all))
        .routes(routes!(revoke_all))
}

/// The sessions that are alive, the newest first.
#[derive(Serialize, ToSchema)]
struct SessionsResponse {
    sessions: Vec<SessionResponse>,
}

/// One login on one device.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionResponse {
    /// Names the session.
    id: Uuid,
    /// What it was opened with, in words.
    #[schema(required, example = "Firefox on Linux")]
    device: Option<String>,
    /// Where it was opened.
    #[schema(required, example = "203.0.113.7")]
    ip_address: Option<String>,
    /// What it was opened with, as that called itself.
    #[schema(
        required,
        example = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    )]
    user_agent: Option<String>,
    /// When it last got a token, which is never further back than an access token lasts (RFC 3339, UTC).
    #[schema(format = DateTime, example = "2027-01-15T08:00:00Z")]
    last_active: String,
    /// When it was opened (RFC 3339, UTC).
    #[schema(format = DateTime, example = "2027-01-15T08:00:00Z")]
    created_at: String,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionResponse {
    pub(crate) fn new(session: &Session, asking: SessionId) -> Self {
        let origin = &session.origin;
        Self {
            id: session.id.uuid(),
            device: origin.device.as_ref().map(|it| it.as_str().to_owned()),
            ip_address: origin.address.map(|address| address.to_string()),
            user_agent: origin.user_agent.as_ref().map(|it| it.as_str().to_owned()),
            last_active: rfc_3339(session.last_active()),
            created_at: rfc_3339(session.opened_at),
            current: session.id == asking,
        }
    }
}

/// Lists where you are signed in.
#[utoipa::path(
    get, path = "/sessions", operation_id = "sessions", tag = "sessions", security(("bearer" = [])),
    responses((status = 200, description = "Your sessions.", body = SessionsResponse), BearerProblems),
)]
async fn list(
    State(Protected { use_case: revocations, .. }): State<Protected<Revocations>>,
    CurrentUser(caller): CurrentUser,
) -> Result<Body<SessionsResponse>, Problem> {
    let sessions = revocations.list(caller.account.id).await?;
    let shown = sessions.iter().map(|session| SessionResponse::new(session, caller.session));
    Ok(Body(SessionsResponse { sessions: shown.collect() }))
}

/// Ends one of your sessions. Its tokens are refused from then on.
#[utoipa::path(
    delete, path = "/sessions/{id}", operation_id = "revoke_session", tag = "sessions",
    security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "Names the session.")),
    responses(
        (status = 200, description = "It has ended.", body = Message),
        BearerProblems, SessionProblem, PathProblem,
    ),
)]
async fn revoke(
    State(Protected { use_case: revocations, .. }): State<Protected<Revocations>>,
    CurrentUser(caller): CurrentUser,
    Caller(visitor): Caller,
    InPath(id): InPath<SessionId>,
) -> Result<Body<Message>, Problem> {
    revocations.revoke(caller.account.id, id, &visitor).await?;
    Ok(Body(Message { message: "The session has ended." }))
}

/// Whether the session that asks goes on.
#[derive(Deserialize, utoipa::IntoParams)]
struct Extent {
    /// Whether the session that asks goes on.
    #[serde(default = "yes")]
    #[param(required = false, default = true)]
    keep_current: bool,
}

const fn yes() -> bool {
    true
}

/// Ends all of your sessions, or all but the one that asks.
#[utoipa::path(
    delete, path = "/sessions/all", operation_id = "delete_sessions", tag = "sessions",
    security(("bearer" = [])), params(Extent),
    responses(
        (status = 200, description = "They have ended.", body = Message),
        BearerProblems, QueryProblem,
    ),
)]
async fn delete_all(
    revocations: State<Protected<Revocations>>,
    user: CurrentUser,
    caller: Caller,
    extent: InQuery<Extent>,
) -> Result<Body<Message>, Problem> {
    end(revocations, user, caller, extent).await
}

/// Ends all of your sessions, or all but the one that asks.
#[utoipa::path(
    post, path = "/sessions/revoke-all", operation_id = "revoke_sessions", tag = "sessions",
    security(("bearer" = [])), params(Extent),
    responses(
        (status = 200, description = "They have ended.", body = Message),
        BearerProblems, QueryProblem,
    ),
)]
async fn revoke_all(
    revocations: State<Protected<Revocations>>,
    user: CurrentUser,
    caller: Caller,
    extent: InQuery<Extent>,
) -> Result<Body<Message>, Problem> {
    end(revocations, user, caller, extent).await
}

async fn end(
    State(Protected { use_case: revocations, .. }): State<Protected<Revocations>>,
    CurrentUser(user): CurrentUser,
    Caller(visitor): Caller,
    InQuery(Extent { keep_current }): InQuery<Extent>,
) -> Result<Body<Message>, Problem> {
    let keep = keep_current.then_some(user.session);
    revocations.revoke_all(user.account.id, keep, &visitor).await?;
    let message = if keep_current {
        "Every other session has ended."
    } else {
        "Every session has ended, this one included."
    };
    Ok(Body(Message { message }))
}

impl From<RevokeError> for Problem {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::SessionNotFound(why) => Self::new(&SESSION_NOT_FOUND, why),
            RevokeError::Unavailable(why) => why.into(),
        }
    }
}
