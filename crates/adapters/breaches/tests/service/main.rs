//! Searching a service that listens on this machine.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail")]

mod outages;
mod questions;
mod server;
