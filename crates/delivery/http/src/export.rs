//! `GET /account/export`

use axum::{
    Json as Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use fastauth_application::export::{Export, Exports};
use fastauth_domain::{delivery::Delivery, identifier::SessionId, one_time::OneTimeToken};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    account::{MeResponse, rfc_3339},
    audit::EventResponse,
    openapi::BearerProblems,
    principal::CurrentUser,
    problem::Problem,
    protected::Protected,
    revocation::SessionResponse,
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Protected<Exports>> {
    OpenApiRouter::new().routes(routes!(export))
}

/// Everything that is stored about somebody, without what would let a reader in.
#[derive(Serialize, ToSchema)]
struct ExportResponse {
    /// The account.
    account: MeResponse,
    /// Whether it has a password. What is stored of it is not shown.
    has_password: bool,
    /// The names of its roles.
    roles: Vec<String>,
    /// What any of them permits.
    permissions: Vec<String>,
    /// Its sessions, those included that have ended.
    sessions: Vec<ExportedSession>,
    /// The links that were mailed and not followed yet.
    links: Vec<ExportedLink>,
    /// The mails to its address.
    mails: Vec<ExportedMail>,
    /// Why its address gets no mail, if it gets none.
    #[schema(required)]
    mail_suppressed: Option<&'static str>,
    /// What has happened, the newest first.
    events: Vec<EventResponse>,
}

/// A session.
#[derive(Serialize, ToSchema)]
struct ExportedSession {
    #[serde(flatten)]
    session: SessionResponse,
    /// When it ends unless it is used before (RFC 3339, UTC).
    idle_until: String,
    /// When it ends whatever happens (RFC 3339, UTC).
    ends_at: String,
    /// When it was ended (RFC 3339, UTC).
    #[schema(required)]
    revoked_at: Option<String>,
}

/// A link that was mailed.
#[derive(Serialize, ToSchema)]
struct ExportedLink {
    /// What it is for.
    kind: &'static str,
    /// When it stops working (RFC 3339, UTC).
    expires_at: String,
    /// The address that it is about.
    #[schema(required)]
    email: Option<String>,
}

/// A mail.
#[derive(Serialize, ToSchema)]
struct ExportedMail {
    /// Names the mail.
    id: Uuid,
    /// Its recipient.
    to: String,
    /// What it said.
    topic: String,
    /// What has become of it.
    state: &'static str,
    /// When it was written (RFC 3339, UTC).
    created_at: String,
}

impl ExportResponse {
    fn new(export: &Export, asking: SessionId) -> Self {
        let sessions = export.sessions.iter().map(|session| ExportedSession {
            session: SessionResponse::new(session, asking),
            idle_until: rfc_3339(session.idle_until),
            ends_at: rfc_3339(session.ends_at),
            revoked_at: session.revoked_at.map(rfc_3339),
        });
        Self {
            account: (&export.account).into(),
            has_password: export.account.password.is_some(),
            roles: export.rights.roles.iter().map(ToString::to_string).collect(),
            permissions: export.rights.permissions.iter().map(ToString::to_string).collect(),
            sessions: sessions.collect(),
            links: export.links.iter().map(ExportedLink::from).collect(),
            mails: export.mails.iter().map(ExportedMail::from).collect(),
            mail_suppressed: export.suppression.as_ref().map(|it| it.cause.name()),
            events: export.events.iter().map(EventResponse::from).collect(),
        }
    }
}

impl From<&OneTimeToken> for ExportedLink {
    fn from(token: &OneTimeToken) -> Self {
        Self {
            kind: token.kind.name(),
            expires_at: rfc_3339(token.expires_at),
            email: token.email.as_ref().map(|email| email.as_typed().to_owned()),
        }
    }
}

impl From<&Delivery> for ExportedMail {
    fn from(mail: &Delivery) -> Self {
        Self {
            id: mail.mail.uuid(),
            to: mail.to.as_typed().to_owned(),
            topic: mail.topic.clone(),
            state: mail.state.name(),
            created_at: rfc_3339(mail.created_at),
        }
    }
}

/// Gives you a copy of everything that is stored about you.
#[utoipa::path(
    get, path = "/account/export", operation_id = "export_account", tag = "account",
    security(("bearer" = [])),
    responses((status = 200, description = "Everything.", body = ExportResponse), BearerProblems),
)]
async fn export(
    State(Protected { use_case: exports, .. }): State<Protected<Exports>>,
    CurrentUser(caller): CurrentUser,
    Caller(visitor): Caller,
) -> Result<Response, Problem> {
    let export = exports.export(&caller, &visitor).await?;
    let disposition = (header::CONTENT_DISPOSITION, "attachment; filename=\"account.json\"");
    Ok(([disposition], Body(ExportResponse::new(&export, caller.session))).into_response())
}
