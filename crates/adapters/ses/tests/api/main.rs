//! Mail by SES to a stand-in that checks the signature of each request.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod answers;
mod environment;
mod mailer;
mod requests;
mod server;
mod signature;
