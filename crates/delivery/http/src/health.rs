//! `GET /health/live`, `GET /health/ready`

use std::sync::Arc;

use axum::{Json, Router, extract::State};
use fastauth_ports::health::CheckHealth;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{openapi::UnavailableProblem, problem::Problem};

pub(crate) type Checks = Arc<[Arc<dyn CheckHealth>]>;

/// `/health/live` and `/health/ready`. It is ready when every check succeeds.
pub fn health_router(checks: Vec<Arc<dyn CheckHealth>>) -> Router {
    routes().with_state(checks.into()).into()
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
    responses((status = 200, description = "They would.", body = Health), UnavailableProblem),
)]
async fn ready(State(checks): State<Checks>) -> Result<Json<Health>, Problem> {
    for check in checks.iter() {
        check.check().await?;
    }
    Ok(Json(Health { status: "ready" }))
}
