//! Searching a service that listens on this machine.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod outages;
mod questions;
mod server;
