//! The built program, used as a person would use it.

#![cfg(unix)]
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail")]

mod administering;
mod audit;
mod breaches;
mod client;
mod commands;
mod connections;
mod crash;
mod guide;
mod hashes;
mod hostile_clients;
mod limits;
mod mail;
mod mails;
mod metrics;
mod place;
mod promotion;
mod proxy_protocol;
mod refusals;
mod roles;
mod shutdown;
mod slow_clients;
mod start;
mod terminal;
mod traces;
mod users;
mod watch;
