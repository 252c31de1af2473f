//! Connections that go silent without being closed, as when a firewall forgets them.

use reqwest::StatusCode;

use crate::{
    engine::Engine,
    outages::start_with,
    people::{OLD, address},
    proxy::{Bait, Moment, Trap},
};

/// More than signing in says to the database, and than sqlx says when it takes a connection back.
const MESSAGES: u32 = 10;

/// The only connection goes silent at each message in turn. Whoever waits for an answer on it gives
/// up, and a new one takes its place.
async fn a_connection_that_goes_silent_is_replaced(engine: Engine) {
    let (pair, proxy) = start_with(engine, &[("DATABASE_CONNECTIONS", "1")]).await;
    let email = address("visitor");
    pair.door(0).register(&email, OLD).await;
    for message in 0..MESSAGES {
        proxy.set(Trap { bait: Bait::Message(message), moment: Moment::Unnoticed });
        while !proxy.has_sprung() {
            let login = pair.door(0).login(&email, OLD).await;
            assert_eq!(login.status, StatusCode::OK, "{message}: {login:?}");
        }
        let login = pair.door(0).login(&email, OLD).await;
        assert_eq!(login.status, StatusCode::OK, "{message}: {login:?}");
    }
    pair.stop();
}

on_servers!(a_connection_that_goes_silent_is_replaced);
