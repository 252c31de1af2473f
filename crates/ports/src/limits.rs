//! Counting attempts against limits.

use async_trait::async_trait;
use fastauth_domain::{
    limit::{Bucket, Change, Reached},
    time::Timestamp,
};

use crate::unavailable::Unavailable;

/// Counts attempts over all instances.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LimitAttempts: Send + Sync {
    /// Counts one attempt in every bucket, or in none if one of them is full; of several, any is told.
    /// However many try at once, no more come through than there is room for.
    ///
    /// What was counted is kept until there is room for all again, and over restarts wherever accounts
    /// are. It is forgotten and given back by a [`Change`] of the commit
    /// that has the reason.
    async fn attempt(
        &self,
        buckets: &[Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Reached>, Unavailable>;
}

/// Counts attempts over all instances where that is quick, and where it may be forgotten: in buckets
/// that are [`Keeping::Passing`](fastauth_domain::limit::Keeping::Passing).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait CountQuickly: Send + Sync {
    /// Counts one attempt, as [`LimitAttempts::attempt`] does. When the answer would be long in coming
    /// it is [`Unavailable`], and it may have been counted nevertheless.
    async fn attempt(
        &self,
        buckets: &[Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Reached>, Unavailable>;

    /// Forgets, or gives back, what was counted. There may be nothing to do.
    async fn settle(&self, changes: &[Change]) -> Result<(), Unavailable>;
}
