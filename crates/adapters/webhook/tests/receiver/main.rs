//! Mail to a receiver that listens on this machine, and checks signatures for itself.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod answers;
mod mailer;
mod requests;
mod server;
