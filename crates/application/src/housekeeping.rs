//! Removing what is of no use any more: a little at a time, and for ever.

use std::{sync::Arc, time::Duration};

use fastauth_domain::{
    retention::{Remains, Retention},
    time::Timestamp,
};
use fastauth_ports::{housekeeping::RemoveRemains, unavailable::Unavailable};
use tokio::time::{Instant, sleep};

use crate::{metrics::count_removed, moments::Moments};

/// How much is removed at a time: requests wait for one batch at most.
const BATCH: u32 = 250;
/// How long requests have the store to themselves between two batches.
const PAUSE: Duration = Duration::from_millis(100);
/// The shortest wait between two cycles. Up to as much is added by chance, so that instances that
/// were started together do not stay together.
const WAIT: Duration = Duration::from_mins(5);
/// By how much the clock may get ahead of the time that passes.
const LEAP: Duration = Duration::from_hours(1);
/// How long a clock that got further ahead is not believed.
const DISBELIEF: Duration = Duration::from_hours(24);

/// Removes what has been kept for long enough. Safe to run in every instance.
pub struct Housekeeping {
    /// Does the removing.
    pub store: Arc<dyn RemoveRemains>,
    /// How long remains are kept.
    pub retention: Retention,
    /// Gives the time, and chance.
    pub moments: Moments,
}

impl Housekeeping {
    /// Removes what there is at once, and then every few minutes, for ever. To stop, drop the
    /// future.
    ///
    /// When the clock leaps ahead, nothing is removed for a day: it may have been set wrong, and
    /// removing cannot be undone.
    pub async fn run(&self) {
        loop {
            if let Err(error) = self.run_once().await {
                tracing::error!(%error, "housekeeping failed, and is tried again in some minutes");
            }
            let mut wait = self.wait();
            while self.clock_leaps_within(wait).await {
                tracing::warn!("the clock has leapt ahead: nothing is removed for a day");
                wait = DISBELIEF;
            }
        }
    }

    /// Removes everything that has been kept for long enough by now, and says how much that was. A
    /// failure does not keep the rest from being removed; of several, the last is told.
    pub async fn run_once(&self) -> Result<u64, Unavailable> {
        let now = self.moments.clock.now();
        let mut outcome = Ok(0);
        for &remains in Remains::ALL {
            let removed = self.remove_all(remains, self.retention.horizon(remains, now)).await;
            outcome = removed.and_then(|removed| outcome.map(|sum| sum + removed));
        }
        let forgotten = self.forget_origins(now.minus(self.retention.origins)).await;
        forgotten.and_then(|forgotten| outcome.map(|sum| sum + forgotten))
    }

    async fn forget_origins(&self, horizon: Timestamp) -> Result<u64, Unavailable> {
        let mut sum = 0;
        loop {
            match self.store.forget_origins(horizon, BATCH).await? {
                0 => return Ok(sum),
                forgotten => sum += forgotten,
            }
            sleep(PAUSE).await;
        }
    }

    async fn remove_all(&self, remains: Remains, horizon: Timestamp) -> Result<u64, Unavailable> {
        let mut sum = 0;
        loop {
            match self.store.remove(remains, horizon, BATCH).await? {
                0 => break,
                removed => {
                    count_removed(remains, removed);
                    sum += removed;
                }
            }
            sleep(PAUSE).await;
        }
        match (sum, remains) {
            (0, _) => {}
            (_, Remains::PendingRequests) => {
                tracing::warn!(count = sum, "requests were never attended to, and are removed");
            }
            _ => tracing::info!(remains = remains.name(), count = sum, "removed"),
        }
        Ok(sum)
    }

    fn wait(&self) -> Duration {
        // Where nothing can be drawn, instances may well stay together.
        let [chance, ..] = self.moments.randomness.seed().unwrap_or_default();
        WAIT + WAIT * u32::from(chance) / u32::from(u8::MAX)
    }

    /// Waits, and says whether the clock got ahead of the time that passed meanwhile.
    async fn clock_leaps_within(&self, wait: Duration) -> bool {
        let (told, started) = (self.moments.clock.now(), Instant::now());
        sleep(wait).await;
        self.moments.clock.now().since(told) > started.elapsed() + LEAP
    }
}
