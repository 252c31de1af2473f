//! Waiting out other writers, for a while.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use sea_orm::DbErr;
use tokio::time::{Instant, sleep};

use crate::row::driver_code;

/// How often the same thing is tried again.
const REPLAYS: u32 = 5;
/// After this long it is not tried again, however often it was.
const LIMIT: Duration = Duration::from_secs(5);

/// How much patience is left for what other writers got in the way of.
#[derive(Debug)]
pub(crate) struct Patience {
    since: Instant,
    replays: u32,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), replays: 0 }
    }

    /// Pauses if the same is worth trying again, and gives the error back if it is not.
    pub(crate) async fn wait_out(&mut self, error: DbErr) -> Result<(), DbErr> {
        if !is_contention(&error) || self.replays == REPLAYS || self.since.elapsed() > LIMIT {
            return Err(error);
        }
        self.replays += 1;
        sleep(pause(self.replays)).await;
        Ok(())
    }
}

/// Whether other writers got in the way, so that the same may well succeed a moment later.
///
/// SQLSTATE 40001 and 40P01 are a serialization failure and a deadlock. The codes of SQLite are
/// shorter, and the low byte of an extended one is 5 for "busy" or 6 for "locked".
fn is_contention(error: &DbErr) -> bool {
    let is_sqlite = |code: &str| code.len() < "40001".len();
    driver_code(error).is_some_and(|code| {
        matches!(code.as_str(), "40001" | "40P01")
            || is_sqlite(&code) && code.parse().is_ok_and(|code: u32| matches!(code & 0xff, 5 | 6))
    })
}

/// A few milliseconds, more with each replay, and different for writers that met each other.
fn pause(replay: u32) -> Duration {
    static PAUSES: AtomicU32 = AtomicU32::new(0);
    let base = 4 << replay;
    let count = PAUSES.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id());
    // Knuth's multiplicative hash keeps neighbouring numbers apart.
    let spread = (count.wrapping_mul(2_654_435_761) >> 16) % base;
    Duration::from_millis(u64::from(base + spread))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn writers_that_met_each_other_pause_differently_but_never_long() {
        let pauses: HashSet<_> = (0..8).map(|_| pause(REPLAYS)).collect();
        assert!(pauses.len() > 1, "{pauses:?}");
        assert!(pauses.iter().all(|pause| pause.as_millis() < 256), "{pauses:?}");
    }

    #[tokio::test]
    async fn what_no_other_writer_caused_is_not_waited_for() {
        assert!(Patience::new().wait_out(DbErr::Custom("no space left".into())).await.is_err());
    }
}
