//! Counting attempts against limits.

use async_trait::async_trait;
use fastauth_domain::{
    limit::{Bucket, Full},
    time::Timestamp,
};

use crate::unavailable::Unavailable;

/// Counts attempts over all instances.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LimitAttempts: Send + Sync {
    /// Counts one attempt in every bucket, or in none if one of them is full. However many try at
    /// once, no more come through than there is room for.
    async fn attempt(
        &self,
        buckets: &[Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Full>, Unavailable>;
}
