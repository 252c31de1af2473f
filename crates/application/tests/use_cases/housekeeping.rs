//! Removing what is of no use any more.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use fastauth_application::{housekeeping::Housekeeping, moments::Moments};
use fastauth_domain::{
    retention::{Remains, Retention},
    time::Timestamp,
};
use fastauth_ports::{clock::Clock, housekeeping::RemoveRemains, unavailable::Unavailable};
use fastauth_testkit::{clock::TurnableClock, randomness::Dice};
use tokio::time::{Instant, sleep};

const DAY: Duration = Duration::from_hours(24);
/// How many sorts of remains there are.
const SORTS: u64 = 7;
const RETENTION: Retention = Retention {
    one_time_tokens: DAY,
    sessions: DAY.saturating_mul(2),
    audit_events: DAY.saturating_mul(3),
    settled_mails: DAY.saturating_mul(4),
    origins: DAY.saturating_mul(5),
};

/// A store that has so many remains of each sort, and keeps a record of what it was asked for.
#[derive(Default)]
struct Stock {
    left: Mutex<Vec<(Remains, u64)>>,
    failing: Mutex<Option<Remains>>,
    asked: Mutex<Vec<(Remains, Timestamp, Instant)>>,
    origins: Mutex<Vec<Timestamp>>,
}

impl Stock {
    fn of(count: u64) -> Arc<Self> {
        let left = Remains::ALL.iter().map(|&remains| (remains, count)).collect();
        Arc::new(Self { left: Mutex::new(left), ..Self::default() })
    }

    fn left(&self) -> Vec<u64> {
        self.left.lock().unwrap().iter().map(|(_, left)| *left).collect()
    }

    fn fail(&self, remains: Option<Remains>) {
        *self.failing.lock().unwrap() = remains;
    }
}

#[async_trait]
impl RemoveRemains for Stock {
    async fn remove(
        &self,
        remains: Remains,
        horizon: Timestamp,
        limit: u32,
    ) -> Result<u64, Unavailable> {
        self.asked.lock().unwrap().push((remains, horizon, Instant::now()));
        if *self.failing.lock().unwrap() == Some(remains) {
            return Err(Unavailable::new("told to fail"));
        }
        let mut left = self.left.lock().unwrap();
        let (_, left) = left.iter_mut().find(|(other, _)| *other == remains).unwrap();
        let removed = (*left).min(limit.into());
        *left -= removed;
        Ok(removed)
    }

    async fn forget_origins(&self, horizon: Timestamp, _: u32) -> Result<u64, Unavailable> {
        self.origins.lock().unwrap().push(horizon);
        Ok(0)
    }
}

fn housekeeping(store: &Arc<Stock>, clock: &Arc<TurnableClock>) -> Housekeeping {
    Housekeeping {
        store: Arc::clone(store) as Arc<dyn RemoveRemains>,
        retention: RETENTION,
        moments: Moments {
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            randomness: Arc::new(Dice::default()),
        },
    }
}

/// Runs housekeeping beside what is tried.
async fn beside(housekeeping: &Housekeeping, tried: impl Future<Output = ()>) {
    tokio::select! {
        () = housekeeping.run() => unreachable!("housekeeping is done for ever"),
        () = tried => {}
    }
}

#[tokio::test(start_paused = true)]
async fn everything_is_removed_in_one_cycle_once_it_was_kept_for_long_enough() {
    let (store, clock) = (Stock::of(1), Arc::<TurnableClock>::default());
    assert_eq!(housekeeping(&store, &clock).run_once().await.unwrap(), SORTS);
    for (remains, horizon, _) in store.asked.lock().unwrap().iter() {
        assert_eq!(*horizon, RETENTION.horizon(*remains, clock.now()));
    }
    let forgotten = clock.now().minus(RETENTION.origins);
    assert_eq!(*store.origins.lock().unwrap(), [forgotten]);
    assert_eq!(store.left(), [0; Remains::ALL.len()]);
    assert_eq!(housekeeping(&store, &clock).run_once().await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn much_is_removed_in_small_batches_with_pauses_between_them() {
    let (store, clock) = (Stock::of(10_000), Arc::default());
    let started = Instant::now();
    assert_eq!(housekeeping(&store, &clock).run_once().await.unwrap(), SORTS * 10_000);
    let asked = store.asked.lock().unwrap().clone();
    assert!(asked.len() > 100, "{} batches", asked.len());
    let is_pause = |pair: &[(Remains, Timestamp, Instant)]| {
        pair[0].0 != pair[1].0 || pair[1].2 - pair[0].2 >= Duration::from_millis(50)
    };
    assert!(asked.windows(2).all(is_pause));
    assert!(started.elapsed() < Duration::from_mins(1), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_removed_does_not_keep_the_rest_and_is_tried_again() {
    for (nth, &remains) in Remains::ALL.iter().enumerate() {
        let (store, clock) = (Stock::of(1), Arc::default());
        store.fail(Some(remains));
        assert!(housekeeping(&store, &clock).run_once().await.is_err());
        let mut expected = [0; Remains::ALL.len()];
        expected[nth] = 1;
        assert_eq!(store.left(), expected);
        let recovery = async {
            sleep(Duration::from_mins(1)).await;
            store.fail(None);
            sleep(Duration::from_mins(10)).await;
        };
        beside(&housekeeping(&store, &clock), recovery).await;
        assert_eq!(store.left(), [0; Remains::ALL.len()]);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_removed_for_a_day_after_the_clock_leapt_ahead() {
    let (store, clock) = (Stock::of(0), Arc::<TurnableClock>::default());
    let before = clock.now();
    let leap = async {
        sleep(Duration::from_mins(1)).await;
        clock.advance(3_650 * DAY);
        sleep(DAY).await;
        let asked = store.asked.lock().unwrap().clone();
        assert!(asked.iter().all(|(_, horizon, _)| *horizon < before), "{asked:?}");
        sleep(Duration::from_mins(15)).await;
        let asked = store.asked.lock().unwrap().clone();
        assert!(asked.iter().any(|(_, horizon, _)| *horizon > before), "{asked:?}");
    };
    beside(&housekeeping(&store, &clock), leap).await;
}
