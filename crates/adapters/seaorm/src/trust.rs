//! Which connections of a pool may still be used.
//!
//! When one connection turns out to be broken, or to lead to a server that was demoted, or to one
//! that does not answer, the others that were opened before are likely to be no better. They are
//! closed instead of being tried one by one, and new ones are opened.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use sea_orm::sqlx::{Database, pool::PoolOptions};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use crate::limits::Limits;

/// Says since when connections are trusted. A clone says the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    /// In microseconds since the first look at a clock.
    since: Arc<AtomicU64>,
}

impl Trust {
    /// A pool within these limits that closes what is not trusted, when it is asked for and when it
    /// is given back. Nothing is said to the server to find that out.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn watch<DB: Database>(
        &self,
        pool: PoolOptions<DB>,
        limits: &Limits,
    ) -> PoolOptions<DB> {
        let (on_acquire, on_release) = (self.clone(), self.clone());
        pool.max_connections(limits.connections)
            .acquire_timeout(limits.acquire)
            .test_before_acquire(false)
            .before_acquire(move |_, found| {
                let is_trusted = on_acquire.covers(found.age);
                Box::pin(async move { Ok(is_trusted) })
            })
            .after_release(move |_, found| {
                let is_trusted = on_release.covers(found.age);
                Box::pin(async move { Ok(is_trusted) })
            })
    }

    /// Trusts only connections that are opened from now on.
    pub(crate) fn withdraw(&self) {
        self.since.fetch_max(now(), Ordering::Relaxed);
    }

    /// Whether a connection of this age may be used.
    pub(crate) fn covers(&self, age: Duration) -> bool {
        let age = u64::try_from(age.as_micros()).unwrap_or(u64::MAX);
        now().saturating_sub(age) >= self.since.load(Ordering::Relaxed)
    }
}

/// Microseconds since some time before the first look.
pub(crate) fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    // Connections may be older than the first look.
    const AGES: u64 = 1 << 40;
    let elapsed = START.get_or_init(Instant::now).elapsed();
    AGES + u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX - AGES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_trusted_until_trust_is_withdrawn_and_then_only_new_ones() {
        let trust = Trust::default();
        assert!(trust.covers(Duration::from_hours(1)));
        trust.clone().withdraw();
        assert!(!trust.covers(Duration::from_millis(1)));
        std::thread::sleep(Duration::from_millis(2));
        assert!(trust.covers(Duration::from_millis(1)));
    }
}
