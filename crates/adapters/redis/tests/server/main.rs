//! Counting attempts in a real server.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod contract;
mod outages;
