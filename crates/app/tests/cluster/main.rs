//! Two instances of the built program on one database, raced, cut off and killed.
//!
//! What needs a database server runs on those that `cargo xtask test` starts.

#![cfg(unix)]
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail")]
#![cfg_attr(
    not(all(feature = "test-postgres", feature = "test-mariadb")),
    allow(dead_code, unused_variables, clippy::unused_async, reason = "less is to be tested then")
)]

#[path = "../program/client.rs"]
#[expect(dead_code, reason = "one program is used in more ways")]
mod client;
#[path = "../program/mail.rs"]
mod mail;
#[path = "../program/place.rs"]
#[expect(dead_code, reason = "one program is used in more ways")]
mod place;

#[macro_use]
mod engine;
mod database;
mod door;
mod pair;
mod people;

#[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
mod contention;
#[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
mod cuts;
mod kills;
mod limits;
mod mail_delivery;
#[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
mod outages;
#[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
mod proxy;
mod races;
#[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
mod refusals;
mod renewals;
mod revocations;
mod scarcity;
#[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
mod silences;
