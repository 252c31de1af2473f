//! Who asks, as far as is known before anybody has signed in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::language::Language;

/// What is known of somebody who asks for something. Nothing has to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// What they read.
    pub language: Option<Language>,
    /// Where they come from.
    pub origin: Origin,
}

impl Visitor {
    /// The network that they come from, if it is a public one.
    pub fn client(&self) -> Option<ClientNetwork> {
        self.origin.address.and_then(ClientNetwork::of)
    }
}

/// Where something was asked for: kept with sessions and events, for the owner of the account to
/// recognise. None of it is proof of anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address on the internet.
    pub address: Option<IpAddr>,
    /// What the program calls itself (`User-Agent`, RFC 9110 section 10.1.5).
    pub user_agent: Option<UserAgent>,
    /// What that means to people: `Firefox on Linux`.
    pub device: Option<DeviceName>,
}

impl Origin {
    /// The network of the address, be it public or not.
    pub fn network(&self) -> Option<ClientNetwork> {
        self.address.map(ClientNetwork::containing)
    }
}

macro_rules! short_text {
    ($($(#[$doc:meta])* $name:ident: $most:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The most characters it has.
            pub const MAX_LENGTH: usize = $most;

            /// Keeps what is printable of a text, as far as there is room. `None` if nothing is left.
            pub fn of(text: &str) -> Option<Self> {
                let printable = text.chars().filter(|c| !c.is_control());
                let kept: String = printable.take($most).collect();
                let kept = kept.trim();
                (!kept.is_empty()).then(|| Self(kept.to_owned()))
            }

            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )+};
}

short_text! {
    /// What a program calls itself. Whoever sends it can say anything.
    UserAgent: 400;
    /// What kind of device it is, in words for people.
    DeviceName: 100;
}

/// The network that somebody comes from, as narrow as one customer's is: an IPv4 address, or the
/// first 64 bits of an IPv6 address.
///
/// Addresses that are not of the public internet tell little about who is behind them: a proxy on the
/// same machine has one for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientNetwork(String);

impl ClientNetwork {
    /// The most characters of its text.
    pub const MAX_LENGTH: usize = 64;

    /// The network of an address. An IPv4 address that is written as IPv6 is the IPv4 address.
    pub fn of(address: IpAddr) -> Option<Self> {
        let is_public = match address.to_canonical() {
            IpAddr::V4(address) => is_public_v4(address),
            IpAddr::V6(address) => is_public_v6(address),
        };
        is_public.then(|| Self::containing(address))
    }

    /// The same for any address: for limits, which must hold wherever somebody comes from.
    pub fn containing(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.to_string()),
            IpAddr::V6(address) => Self(prefix(address)),
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

    #[test]
    fn a_user_agent_is_kept_without_what_could_harm_a_terminal_or_a_log() {
        let text = |input: &str| UserAgent::of(input).map(|kept| kept.as_str().to_owned());
        assert_eq!(text(" curl/8.14 \u{1b}[31m\r\nX: y ").as_deref(), Some("curl/8.14 [31mX: y"));
        assert_eq!(text(&"ü".repeat(500)), Some("ü".repeat(UserAgent::MAX_LENGTH)));
        assert_eq!(text("\0 \n"), None);
    }

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

    #[test]
    fn limits_know_every_network() {
        let network = |address: &str| ClientNetwork::containing(address.parse().unwrap());
        assert_eq!(network("::ffff:127.0.0.1").as_str(), "127.0.0.1");
        assert_eq!(network("fe80::1"), network("fe80::2"));
    }
}
