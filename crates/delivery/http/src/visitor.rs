//! Who asks, as far as a request tells.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{header, request::Parts},
};
use fastauth_domain::{
    language::Languages,
    visitor::{ClientNetwork, Visitor},
};

/// The languages that mail is written in. Every request carries them.
#[derive(Clone)]
pub(crate) struct Offered(pub(crate) Arc<Languages>);

/// Whoever sent the request: what they read, by `Accept-Language`, and where they come from, where the
/// program was told to keep that (`into_make_service_with_connect_info::<SocketAddr>`).
pub(crate) struct Caller(pub(crate) Visitor);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
        let offered = parts.extensions.get::<Offered>();
        let language = offered
            .zip(accepted)
            .and_then(|(Offered(languages), accepted)| languages.preferred(accepted).cloned());
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let client = peer.and_then(|ConnectInfo(peer)| ClientNetwork::of(peer.ip()));
        Ok(Self(Visitor { language, client }))
    }
}
