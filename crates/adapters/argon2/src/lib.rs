//! Argon2id (RFC 9106) password hashing, on threads and in memory of its own.
//!
//! One thread per core, at lower priority than whatever serves requests; each keeps one arena of
//! memory for all its hashes. Clients take turns at them, in a queue that is bounded: a caller that
//! would have to wait for too long is told so at once.

mod arena;
mod hashing;
mod parameters;
mod pepper;
mod pool;
mod stored;
mod turns;

pub use parameters::{InvalidParameters, Parameters};
pub use pepper::Peppers;
pub use pool::{Argon2Hasher, NotStarted};
