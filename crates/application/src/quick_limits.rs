//! Counting quickly what may be forgotten, and in the database what may not.
//!
//! Whatever becomes of the quick count, it lets through no more than the database would let through
//! anew: while it does not answer, the database counts everything.

use std::sync::Arc;

use async_trait::async_trait;
use fastauth_domain::{
    change::{Change, Changes},
    limit::{self, Bucket, Keeping, Reached},
    time::Timestamp,
};
use fastauth_ports::{
    commit::{Commit, CommitError},
    limits::{CountQuickly, LimitAttempts},
    unavailable::Unavailable,
};

use crate::metrics;

/// Counts attempts in two places.
pub struct QuickLimits {
    /// Counts what passes.
    pub quick: Arc<dyn CountQuickly>,
    /// Counts what lasts, and everything while the other does not answer.
    pub store: Arc<dyn LimitAttempts>,
}

#[async_trait]
impl LimitAttempts for QuickLimits {
    async fn attempt(
        &self,
        buckets: &[Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Reached>, Unavailable> {
        let passes = |bucket: &Bucket| bucket.keeping == Keeping::Passing;
        let (passing, lasting): (Vec<_>, Vec<_>) = buckets.iter().cloned().partition(passes);
        if passing.is_empty() {
            return self.store.attempt(&lasting, now).await;
        }
        let counted = self.quick.attempt(&passing, now).await;
        metrics::count_quick(&counted);
        match counted {
            Ok(Ok(())) => {}
            Ok(Err(reached)) => return Ok(Err(reached)),
            Err(_) => return self.store.attempt(buckets, now).await,
        }
        let counted = self.store.attempt(&lasting, now).await;
        if !matches!(counted, Ok(Ok(()))) {
            let back: Vec<_> = passing.into_iter().map(limit::Change::GiveBack).collect();
            settle(&*self.quick, &back).await;
        }
        counted
    }
}

/// A store that also takes back what was counted quickly. What is counted in the store itself, it takes
/// back as part of the commit.
pub struct SettlingStore {
    /// Does the committing.
    pub store: Arc<dyn Commit>,
    /// Has counted what passes.
    pub quick: Arc<dyn CountQuickly>,
}

#[async_trait]
impl Commit for SettlingStore {
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError> {
        self.store.commit(changes).await?;
        let of_limits = |change: &Change| match change {
            Change::Limit(change) => Some(change.clone()),
            _ => None,
        };
        let back: Vec<_> = changes.iter().filter_map(of_limits).collect();
        settle(&*self.quick, &back).await;
        Ok(())
    }
}

/// Where that fails the count is too high, until it passes.
async fn settle(quick: &dyn CountQuickly, changes: &[limit::Change]) {
    if changes.is_empty() {
        return;
    }
    if let Err(error) = quick.settle(changes).await {
        tracing::debug!(%error, "an attempt stays counted");
    }
}
