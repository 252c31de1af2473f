//! Who asks, as far as a request tells.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use fastauth_domain::{
    language::Languages,
    visitor::{Origin, UserAgent, Visitor},
};

use crate::{client_address, device};

/// The languages that mail is written in. Every request carries them.
#[derive(Clone)]
pub(crate) struct Offered(pub(crate) Arc<Languages>);

/// Whoever sent the request: what they read, by `Accept-Language`, what they use, by `User-Agent`, and
/// where they come from, where the program was told to keep that
/// (`into_make_service_with_connect_info::<SocketAddr>`).
pub(crate) struct Caller(pub(crate) Visitor);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
        let offered = parts.extensions.get::<Offered>();
        let language = offered
            .zip(accepted)
            .and_then(|(Offered(languages), accepted)| languages.preferred(accepted).cloned());
        let user_agent = parts.headers.get(header::USER_AGENT);
        let user_agent = user_agent.map(|it| String::from_utf8_lossy(it.as_bytes()));
        let origin = Origin {
            address: client_address::of(parts),
            device: user_agent.as_deref().and_then(device::name),
            user_agent: user_agent.as_deref().and_then(UserAgent::of),
        };
        Ok(Self(Visitor { language, origin }))
    }
}
