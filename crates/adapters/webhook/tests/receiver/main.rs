//! Mail to a receiver that listens on this machine, and checks signatures for itself.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail, and tells why it did not run"
)]

mod answers;
mod documented;
mod mailer;
mod requests;
mod server;
