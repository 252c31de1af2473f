//! How many places the connections of one client may take.
//!
//! A client is counted by its network, as by every other limit: whoever has one IPv6 address has 2^64 of
//! them. There is something to remember of a network only while it has a connection, so that there are
//! never more networks than connections.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
};

use fastauth::{domain::visitor::ClientNetwork, http::TrustedProxies, settings::Configuration};

use crate::proxy_protocol::Client;

/// The places that clients have taken.
#[derive(Clone)]
pub(crate) struct Places {
    /// How many one client may take.
    most: Option<NonZeroU32>,
    /// Who connects on behalf of others, and is counted nowhere.
    proxies: TrustedProxies,
    taken: Arc<Mutex<HashMap<ClientNetwork, u32>>>,
}

/// The place of a connection, until it is dropped.
pub(crate) struct Place {
    /// Whom it is counted for.
    counted: Option<(Places, ClientNetwork)>,
}

/// The client has as many connections as it may have.
#[derive(Debug, thiserror::Error)]
#[error("{} has too many connections", .0.as_str())]
pub(crate) struct Crowded(ClientNetwork);

impl Places {
    /// As the settings say.
    pub(crate) fn of(configuration: &Configuration) -> Self {
        let proxies = configuration.trusted_proxies.clone().unwrap_or_default();
        Self { most: configuration.connections_per_client, proxies, taken: Arc::default() }
    }

    /// Takes a place for a connection of this client.
    pub(crate) fn take(&self, client: Client) -> Result<Place, Crowded> {
        match (self.most, self.counted(client)) {
            (Some(most), Some(network)) => self.take_one_of(most.get(), network),
            (None, _) | (_, None) => Ok(Place { counted: None }),
        }
    }

    /// As whom a client is counted: not at all if it is a proxy, be it that it has not said for whom.
    fn counted(&self, client: Client) -> Option<ClientNetwork> {
        let Client::At(address) = client else { return None };
        let address = address.ip().to_canonical();
        (!self.proxies.trusts(address)).then(|| ClientNetwork::containing(address))
    }

    fn take_one_of(&self, most: u32, network: ClientNetwork) -> Result<Place, Crowded> {
        self.change(|taken| {
            let count = taken.get(&network).copied().unwrap_or_default();
            if count >= most {
                return Err(Crowded(network));
            }
            taken.insert(network.clone(), count + 1);
            Ok(Place { counted: Some((self.clone(), network)) })
        })
    }

    fn leave(&self, network: &ClientNetwork) {
        self.change(|taken| match taken.get_mut(network) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => drop(taken.remove(network)),
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut HashMap<ClientNetwork, u32>) -> T) -> T {
        // Whoever panicked with it has changed all or nothing.
        change(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((places, network)) = &self.counted {
            places.leave(network);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn places(most: u32) -> Places {
        let proxies = "10.0.0.0/8".parse().unwrap();
        Places { most: NonZeroU32::new(most), proxies, taken: Arc::default() }
    }

    fn at(address: &str) -> Client {
        Client::At(SocketAddr::new(address.parse().unwrap(), 40_000))
    }

    fn networks(places: &Places) -> usize {
        places.taken.lock().unwrap().len()
    }

    #[test]
    fn a_client_that_holds_all_of_its_places_gets_none_and_others_do() {
        let places = places(2);
        let _first = places.take(at("203.0.113.7")).unwrap();
        let second = places.take(at("203.0.113.7")).unwrap();
        assert!(places.take(at("203.0.113.7")).is_err());
        let _other = places.take(at("203.0.113.8")).unwrap();
        drop(second);
        let _again = places.take(at("203.0.113.7")).unwrap();
        assert!(places.take(at("203.0.113.7")).is_err());
    }

    #[test]
    fn a_client_is_an_ipv4_address_however_written_or_an_ipv6_network() {
        for (one, same, other) in [
            ("203.0.113.7", "::ffff:203.0.113.7", "::ffff:203.0.113.8"),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:db8:1:3::1"),
        ] {
            let places = places(1);
            let _place = places.take(at(one)).unwrap();
            assert!(places.take(at(same)).is_err(), "{same}");
            assert!(places.take(at(other)).is_ok(), "{other}");
        }
    }

    #[test]
    fn proxies_take_as_many_places_as_there_are() {
        let places = places(1);
        let unnamed = || Client::Unnamed(SocketAddr::new([10, 0, 0, 1].into(), 40_000));
        let clients = [at("10.0.0.1"), at("10.0.0.1"), at("::ffff:10.0.0.1"), unnamed(), unnamed()];
        let taken: Vec<_> = clients.into_iter().map(|client| places.take(client).ok()).collect();
        assert!(taken.iter().all(Option::is_some));
        assert_eq!(networks(&places), 0);
    }

    #[test]
    fn without_a_limit_nobody_is_counted() {
        let places = places(0);
        let taken: Vec<_> = (0..9).map(|_| places.take(at("203.0.113.7")).unwrap()).collect();
        assert_eq!((taken.len(), networks(&places)), (9, 0));
    }

    #[test]
    fn nothing_is_remembered_of_a_client_that_has_left() {
        let places = places(2);
        let taken = ["203.0.113.7", "203.0.113.7", "203.0.113.7", "2001:db8::1"]
            .map(|address| places.take(at(address)));
        assert_eq!(networks(&places), 2);
        drop(taken);
        assert_eq!(networks(&places), 0);
    }
}
