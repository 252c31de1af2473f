//! The networks of one's own proxies.

use std::{net::IpAddr, str::FromStr, sync::Arc};

use ipnet::{IpNet, Ipv4Net};

/// The machines whose word is taken for whom they speak for. By default there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpNet]>);

/// The text is no list of networks to trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    /// One of them is neither an address nor a network.
    #[error("neither an address nor a network")]
    Unreadable,
    /// One of them is all addresses there are: anybody could say where they come from.
    #[error("everybody would be trusted")]
    Everybody,
}

impl TrustedProxies {
    /// Whether this machine is one of them. An IPv4 address that is written as IPv6 must be told as
    /// the IPv4 address.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for TrustedProxies {
    type Err = InvalidNetwork;

    /// Reads addresses and networks with commas between them: `10.0.0.0/8, 2001:db8::/32, 192.0.2.7`.
    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        text.split(',').map(|network| parse(network.trim())).collect::<Result<_, _>>().map(Self)
    }
}

fn parse(text: &str) -> Result<IpNet, InvalidNetwork> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    let network = address.or_else(|_| text.parse()).map_err(|_| InvalidNetwork::Unreadable)?;
    let network = canonical(network).trunc();
    if network.prefix_len() == 0 { Err(InvalidNetwork::Everybody) } else { Ok(network) }
}

/// The same as an IPv4 network, if it is one that is written as IPv6 (RFC 4291 section 2.5.5.2).
fn canonical(network: IpNet) -> IpNet {
    let mapped = || {
        let IpAddr::V4(address) = network.addr().to_canonical() else { return None };
        Ipv4Net::new(address, network.prefix_len().checked_sub(96)?).ok()
    };
    match network {
        IpNet::V4(_) => network,
        IpNet::V6(_) => mapped().map_or(network, IpNet::V4),
    }
}
