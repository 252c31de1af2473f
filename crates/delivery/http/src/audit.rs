//! `GET /account/activity`

use axum::{Json as Body, extract::State};
use fastauth_application::audit::AuditTrail;
use fastauth_domain::{
    audit::Event,
    identifier::{AccountId, SessionId},
    visitor::Origin,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    account::rfc_3339,
    fields::identifier,
    openapi::{BearerProblems, QueryProblem},
    parameters::InQuery,
    principal::CurrentUser,
    problem::Problem,
    protected::Protected,
};

pub(crate) fn routes() -> OpenApiRouter<Protected<AuditTrail>> {
    OpenApiRouter::new().routes(routes!(activity))
}

/// What has happened to the account, the newest first.
#[derive(Serialize, ToSchema)]
struct ActivityResponse {
    events: Vec<EventResponse>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventResponse {
    /// Names the event.
    id: Uuid,
    /// When it happened (RFC 3339, UTC).
    #[schema(format = DateTime, example = "2027-01-15T08:00:00Z")]
    at: String,
    /// What happened.
    #[schema(example = "signed_in")]
    event: &'static str,
    /// `success`, or `refused`.
    #[schema(example = "success")]
    result: &'static str,
    /// What it was about, if the name does not say it all: a role, for instance.
    #[schema(required, example = "editor")]
    detail: Option<String>,
    /// Whose doing it was, if it was somebody else's who was signed in.
    #[schema(required)]
    actor_id: Option<Uuid>,
    /// Which session it concerns.
    #[schema(required)]
    session_id: Option<Uuid>,
    /// Where it came from, unless it was somebody else's doing.
    #[schema(required, example = "203.0.113.7")]
    ip_address: Option<String>,
    /// What it was done with, in words, likewise.
    #[schema(required, example = "Firefox on Linux")]
    device: Option<String>,
}

impl From<&Event> for EventResponse {
    fn from(event: &Event) -> Self {
        let actor = event.actor.filter(|actor| Some(*actor) != event.account);
        // Where administrators are is nobody's business.
        let origin = if actor.is_some() { Origin::default() } else { event.origin.clone() };
        Self {
            id: event.id.uuid(),
            at: rfc_3339(event.at),
            event: event.kind.name(),
            result: if event.kind.is_refusal() { "refused" } else { "success" },
            detail: event.detail.as_ref().map(|detail| detail.as_str().to_owned()),
            actor_id: actor.map(AccountId::uuid),
            session_id: event.session.map(SessionId::uuid),
            ip_address: origin.address.map(|address| address.to_string()),
            device: origin.device.map(|device| device.as_str().to_owned()),
        }
    }
}

/// Which events to show.
#[derive(Deserialize, utoipa::IntoParams)]
struct Page {
    /// How many at most: 1 to 100.
    #[serde(default = "usual")]
    #[param(required = false, default = 50, minimum = 1, maximum = 100)]
    limit: u32,
    /// The id of an event: those before it are shown.
    before: Option<String>,
}

const fn usual() -> u32 {
    50
}

/// Shows what has happened to your account.
#[utoipa::path(
    get, path = "/account/activity", operation_id = "activity", tag = "account",
    security(("bearer" = [])), params(Page),
    responses(
        (status = 200, description = "What has happened.", body = ActivityResponse),
        BearerProblems, QueryProblem,
    ),
)]
async fn activity(
    State(Protected { use_case: trail, .. }): State<Protected<AuditTrail>>,
    CurrentUser(caller): CurrentUser,
    InQuery(Page { limit, before }): InQuery<Page>,
) -> Result<Body<ActivityResponse>, Problem> {
    let before = before.map(|id| identifier("before", &id)).transpose();
    let before = before.map_err(|error| Problem::invalid(vec![error]))?;
    let events = trail.about(caller.account.id, before, limit.max(1)).await?;
    Ok(Body(ActivityResponse { events: events.iter().map(EventResponse::from).collect() }))
}
