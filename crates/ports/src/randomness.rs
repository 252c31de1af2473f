//! Randomness.

use crate::unavailable::Unavailable;

/// Draws random bytes from a cryptographically secure source.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Randomness: Send + Sync {
    /// 256 fresh random bits. When the source fails, so does this: there is no weaker source.
    fn seed(&self) -> Result<[u8; 32], Unavailable>;
}
