//! Counting attempts in one process.

use std::collections::HashMap;

use async_trait::async_trait;
use fastauth_domain::{
    limit::{Bucket, Full},
    time::Timestamp,
};
use fastauth_ports::{limits::LimitAttempts, unavailable::Unavailable};

use crate::MemoryStore;

/// When the next attempt is due in each bucket. One that is due is as good as none.
#[derive(Debug, Default)]
pub(crate) struct Buckets(HashMap<String, Timestamp>);

impl Buckets {
    fn attempt(&mut self, buckets: &[Bucket], now: Timestamp) -> Result<(), Full> {
        let take = |bucket: &Bucket| {
            let due = bucket.rate.take(self.0.get(&bucket.name).copied(), now)?;
            Ok((bucket.name.clone(), due))
        };
        let taken = buckets.iter().map(take).collect::<Result<Vec<_>, Full>>()?;
        self.0.extend(taken);
        Ok(())
    }

    /// Forgets buckets that have been due since this moment or longer.
    pub(crate) fn remove_due(&mut self, horizon: Timestamp, limit: usize) -> usize {
        let due = self.0.iter().filter(|(_, due)| **due <= horizon).take(limit);
        let due: Vec<String> = due.map(|(name, _)| name.clone()).collect();
        due.iter().filter_map(|name| self.0.remove(name)).count()
    }
}

#[async_trait]
impl LimitAttempts for MemoryStore {
    async fn attempt(
        &self,
        buckets: &[Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Full>, Unavailable> {
        Ok(self.state().buckets.attempt(buckets, now))
    }
}
