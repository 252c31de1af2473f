//! Mail by SMTP to a real mail server.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may fail, and tells why it did not run"
)]

mod answers;
mod encryption;
mod mailer;
mod server;
mod session;
