//! Whether an adapter can do its work right now.

use async_trait::async_trait;

use crate::unavailable::Unavailable;

/// Looks after itself.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CheckHealth: Send + Sync {
    /// Succeeds if a request that needs this adapter would be served now.
    async fn check(&self) -> Result<(), Unavailable>;
}
