//! Where a request comes from: the machine at the other end of the connection, or the one that a
//! trusted proxy says it speaks for.
//!
//! Whoever sends a request can write anything into its headers. They are read from the right, where the
//! nearest proxy has added what it saw, and no further than up to the first address that is no proxy of
//! ours: what is left of it may be made up.

mod header;
mod network;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Once,
};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, request::Parts},
};
use fastauth_domain::visitor::ClientNetwork;

pub use self::network::{InvalidNetwork, TrustedProxies};

/// The address of whoever sent a request, as far as it is known.
pub(crate) fn of(parts: &Parts) -> Option<IpAddr> {
    let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    let peer = peer.ip().to_canonical();
    let nobody = TrustedProxies::default();
    Some(parts.extensions.get().unwrap_or(&nobody).client(peer, &parts.headers))
}

impl TrustedProxies {
    /// The client on whose behalf a peer has sent these headers.
    ///
    /// `X-Forwarded-For` decides, and `Forwarded` (RFC 7239) where there is no such header. A proxy
    /// writes one of them and may pass the other on as its client sent it, so that two headers that
    /// contradict each other are both left out. So is one that cannot be read, or that names no address
    /// where the client's should be: then the peer itself counts as the client.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let (legacy, standard) = (header::x_forwarded_for(headers), header::forwarded(headers));
        if !self.trusts(peer) {
            if self.is_empty() && (legacy.is_some() || standard.is_some()) {
                warn_of_a_proxy(peer);
            }
            return peer;
        }
        let nearest = |hops| self.nearest_stranger(hops);
        let told = match (legacy, standard) {
            (None, None) => None,
            (Some(hops), None) | (None, Some(hops)) => nearest(hops),
            (Some(legacy), Some(standard)) => {
                nearest(legacy).filter(|client| nearest(standard) == Some(*client))
            }
        };
        told.unwrap_or(peer)
    }

    /// The last address that is none of our proxies; if all of them are, the first.
    fn nearest_stranger(&self, hops: Vec<Option<IpAddr>>) -> Option<IpAddr> {
        let mut farthest = None;
        for hop in hops.into_iter().rev() {
            let hop = hop?;
            if !self.trusts(hop) {
                return Some(hop);
            }
            farthest = Some(hop);
        }
        farthest
    }
}

/// Says once that all clients look like one. A peer on the public internet is more likely a client that
/// makes headers up.
fn warn_of_a_proxy(peer: IpAddr) {
    static SAID: Once = Once::new();
    if ClientNetwork::of(peer).is_none() {
        SAID.call_once(|| {
            tracing::warn!(
                %peer,
                "requests seem to come through a proxy that is not in TRUSTED_PROXIES: all its \
                 clients count as one"
            );
        });
    }
}

#[cfg(test)]
mod tests;
