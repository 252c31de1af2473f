//! `GET /auth/me`

use std::sync::Arc;

use axum::Json;
use fastauth_application::account::Accounts;
use fastauth_domain::{account::Account, time::Timestamp};
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{openapi::BearerProblems, principal::CurrentUser};

pub(crate) fn routes() -> OpenApiRouter<Arc<Accounts>> {
    OpenApiRouter::new().routes(routes!(me))
}

/// An account as its owner sees it.
#[derive(Serialize, ToSchema)]
struct MeResponse {
    /// Names the account for good.
    id: Uuid,
    /// Its address, as it was typed.
    #[schema(format = Email, example = "user@example.com")]
    email: String,
    /// What the person wants to be called.
    #[schema(required, example = "Ada Lovelace")]
    name: Option<String>,
    /// Where a picture of the person is.
    #[schema(required)]
    image: Option<String>,
    /// Whether the address is proven.
    is_verified: bool,
    /// Whether the account may be used.
    is_active: bool,
    /// When it was registered (RFC 3339, UTC).
    #[schema(format = DateTime, example = "2027-01-15T08:00:00Z")]
    created_at: String,
    /// When somebody last signed in (RFC 3339, UTC).
    #[schema(required, format = DateTime, example = "2027-01-15T08:00:00Z")]
    last_login: Option<String>,
}

impl From<&Account> for MeResponse {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.uuid(),
            email: account.email.as_typed().to_owned(),
            name: account.name.as_ref().map(|name| name.as_str().to_owned()),
            image: account.image.clone(),
            is_verified: account.verified_at.is_some(),
            is_active: account.disabled_at.is_none(),
            created_at: rfc_3339(account.created_at),
            last_login: account.last_login.map(rfc_3339),
        }
    }
}

/// Tells who you are.
#[utoipa::path(
    get, path = "/auth/me", tag = "auth", security(("bearer" = [])),
    responses((status = 200, description = "You.", body = MeResponse), BearerProblems),
)]
async fn me(CurrentUser(caller): CurrentUser) -> Json<MeResponse> {
    Json((&caller.account).into())
}

/// RFC 3339 in UTC. What lies outside of the years it can write is as far as it goes.
pub(crate) fn rfc_3339(at: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.unix_micros()) * 1_000)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
}
