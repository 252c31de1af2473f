//! Who asks, as far as is known before anybody has signed in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::language::Language;

/// What is known of somebody who asks for something. Nothing has to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// What they read.
    pub language: Option<Language>,
    /// Where they come from.
    pub client: Option<ClientNetwork>,
}

/// The network that somebody comes from, as narrow as one customer's is: an IPv4 address, or the
/// first 64 bits of an IPv6 address.
///
/// Addresses that are not of the public internet tell nothing about who is behind them, and make no
/// network: a proxy on the same machine has one for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientNetwork(String);

impl ClientNetwork {
    /// The most characters of its text.
    pub const MAX_LENGTH: usize = 64;

    /// The network of an address. An IPv4 address that is written as IPv6 is the IPv4 address.
    pub fn of(address: IpAddr) -> Option<Self> {
        match address.to_canonical() {
            IpAddr::V4(address) => is_public_v4(address).then(|| Self(address.to_string())),
            IpAddr::V6(address) => is_public_v6(address).then(|| Self(prefix(address))),
        }
    }

    /// A network of whose text this is what was stored.
    pub fn from_stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Its text: `192.0.2.7`, `2001:db8:1:2::/64`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    !(address.is_loopback()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_unspecified())
}

fn prefix(address: Ipv6Addr) -> String {
    let [a, b, c, d, ..] = address.segments();
    format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Option<String> {
        ClientNetwork::of(address.parse().unwrap()).map(|it| it.as_str().to_owned())
    }

    #[test]
    fn one_customer_has_one_network() {
        assert_eq!(network("203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(network("::ffff:203.0.113.7"), network("203.0.113.7"));
        assert_eq!(network("2001:db8:1:2:3:4:5:6").as_deref(), Some("2001:db8:1:2::/64"));
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
    }

    #[test]
    fn addresses_that_are_not_public_make_no_network() {
        for address in
            ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.0.1", "::1", "fe80::1"]
        {
            assert_eq!(network(address), None, "{address}");
        }
        assert_eq!(network("::ffff:127.0.0.1"), None);
    }
}
