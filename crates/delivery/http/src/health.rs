//! `GET /health/live`, `GET /health/ready`

use std::sync::Arc;

use axum::{Json, Router, extract::State};
use fastauth_application::deliveries::Deliveries;
use fastauth_ports::health::CheckHealth;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{openapi::UnavailableProblem, problem::Problem};

#[derive(Clone)]
pub(crate) struct Checks {
    checks: Arc<[Arc<dyn CheckHealth>]>,
    deliveries: Option<Arc<Deliveries>>,
}

/// `/health/live` and `/health/ready`. It is ready when every check succeeds. How much mail waits is
/// told, but mail that waits keeps nobody from signing in.
pub fn health_router(
    checks: Vec<Arc<dyn CheckHealth>>,
    deliveries: Option<Arc<Deliveries>>,
) -> Router {
    routes().with_state(Checks { checks: checks.into(), deliveries }).into()
}

pub(crate) fn routes() -> OpenApiRouter<Checks> {
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(ready))
}

/// How the server is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `live` or `ready`.
    #[schema(example = "ready")]
    status: &'static str,
}

/// How the server is, and its outbox.
#[derive(Serialize, ToSchema)]
struct Readiness {
    /// `ready`.
    #[schema(example = "ready")]
    status: &'static str,
    /// The mail that is still to be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    mail: Option<Waiting>,
}

/// How much mail waits to be sent.
#[derive(Serialize, ToSchema)]
struct Waiting {
    /// How many mails, those included that are being sent.
    #[schema(example = 0)]
    waiting: u64,
    /// For how many seconds the oldest of them has been waiting.
    #[schema(example = 0)]
    oldest_seconds: u64,
}

/// Tells that the program runs. It looks at nothing else.
#[utoipa::path(
    get, path = "/health/live", tag = "health",
    responses((status = 200, description = "It runs.", body = Health)),
)]
async fn live() -> Json<Health> {
    Json(Health { status: "live" })
}

/// Tells whether requests would be served now.
#[utoipa::path(
    get, path = "/health/ready", tag = "health",
    responses((status = 200, description = "They would.", body = Readiness), UnavailableProblem),
)]
async fn ready(
    State(Checks { checks, deliveries }): State<Checks>,
) -> Result<Json<Readiness>, Problem> {
    for check in checks.iter() {
        check.check().await?;
    }
    let mail = match deliveries {
        Some(deliveries) => {
            let backlog = deliveries.backlog().await?;
            let oldest_seconds = backlog.age.unwrap_or_default().as_secs();
            Some(Waiting { waiting: backlog.waiting, oldest_seconds })
        }
        None => None,
    };
    Ok(Json(Readiness { status: "ready", mail }))
}
