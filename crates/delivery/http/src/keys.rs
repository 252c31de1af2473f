//! `GET /.well-known/paseto-keys`

use std::sync::Arc;

use axum::{Json, extract::State, http::header, response::IntoResponse};
use fastauth_application::account::Accounts;
use fastauth_ports::access_tokens::PublicKey;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::account::rfc_3339;

/// How long whoever fetched the keys may go without asking again. A new key is published for longer
/// than this before it signs.
const CACHEABLE: &str = "public, max-age=300";

pub(crate) fn routes() -> OpenApiRouter<Arc<Accounts>> {
    OpenApiRouter::new().routes(routes!(keys))
}

/// The keys with which anybody can check access tokens.
#[derive(Serialize, ToSchema)]
struct KeysResponse {
    /// None if only the server itself can.
    keys: Vec<KeyResponse>,
}

/// A public key (PASERK).
#[derive(Serialize, ToSchema)]
struct KeyResponse {
    /// Names it; tokens carry this in their footer as `kid`.
    #[schema(example = "k4.pid.M1ZlpzFtmqlbGhPzVGHlCEpYbbnzHjAMDWrXSxOqUAlz")]
    id: String,
    /// The key itself.
    #[schema(example = "k4.public.cHFyc3R1dnd4eXp7fH1-f4CBgoOEhYaHiImKi4yNjo8")]
    key: String,
    /// When tokens of this key are no longer accepted (RFC 3339, UTC); `null` while no end is known.
    #[schema(required, format = DateTime, example = "2027-01-15T08:00:00Z")]
    expires_at: Option<String>,
}

impl From<PublicKey> for KeyResponse {
    fn from(PublicKey { id, key, expires_at }: PublicKey) -> Self {
        Self { id, key, expires_at: expires_at.map(rfc_3339) }
    }
}

/// Publishes the keys with which other programs can check access tokens.
#[utoipa::path(
    get, path = "/.well-known/paseto-keys", tag = "auth",
    responses((status = 200, description = "The public keys.", body = KeysResponse)),
)]
async fn keys(State(accounts): State<Arc<Accounts>>) -> impl IntoResponse {
    let keys = accounts.access_tokens.public_keys().into_iter().map(KeyResponse::from).collect();
    ([(header::CACHE_CONTROL, CACHEABLE)], Json(KeysResponse { keys }))
}
