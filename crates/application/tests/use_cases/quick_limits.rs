//! Attempts that are counted quickly, and what becomes of them when that fails.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use fastauth_application::quick_limits::{QuickLimits, SettlingStore};
use fastauth_domain::{
    change::Changes,
    limit::{Bucket, Change, Keeping, Rate, Reached},
    time::Timestamp,
};
use fastauth_memory::MemoryStore;
use fastauth_ports::{
    commit::Commit,
    limits::{CountQuickly, LimitAttempts},
    unavailable::Unavailable,
};

const NOW: Timestamp = Timestamp::from_unix_micros(1_000_000_000);

/// Counts in memory while it is up, and loses nothing while it is down.
#[derive(Default)]
struct Quick {
    counts: MemoryStore,
    is_down: AtomicBool,
}

impl Quick {
    fn answer(&self) -> Result<&MemoryStore, Unavailable> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(Unavailable::new("on purpose"));
        }
        Ok(&self.counts)
    }
}

#[async_trait]
impl CountQuickly for Quick {
    async fn attempt(
        &self,
        buckets: &[Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Reached>, Unavailable> {
        self.answer()?.attempt(buckets, now).await
    }

    async fn settle(&self, changes: &[Change]) -> Result<(), Unavailable> {
        let changes = Changes::default().with_all(changes.to_vec());
        self.answer()?.commit(&changes).await.map_err(Unavailable::new)
    }
}

/// Two places to count in, and what counts in both.
struct World {
    quick: Arc<Quick>,
    store: MemoryStore,
    limits: QuickLimits,
    settling: SettlingStore,
}

impl World {
    fn new() -> Self {
        let (quick, store) = (Arc::<Quick>::default(), MemoryStore::default());
        let limits = QuickLimits { quick: quick.clone(), store: Arc::new(store.clone()) };
        let settling = SettlingStore { store: Arc::new(store.clone()), quick: quick.clone() };
        Self { quick, store, limits, settling }
    }

    fn is_down(&self, is_down: bool) {
        self.quick.is_down.store(is_down, Ordering::SeqCst);
    }

    async fn attempt(&self, buckets: &[Bucket]) -> bool {
        self.limits.attempt(buckets, NOW).await.unwrap().is_ok()
    }

    /// How many more attempts come through.
    async fn room(&self, buckets: &[Bucket]) -> u32 {
        let mut room = 0;
        while self.attempt(buckets).await {
            room += 1;
        }
        room
    }
}

fn bucket(name: &str, count: u32, keeping: Keeping) -> Bucket {
    let rate = Rate::new(count, Duration::from_mins(1)).unwrap();
    Bucket { name: name.to_owned(), rate, keeping }
}

fn passing(count: u32) -> Bucket {
    bucket("passing", count, Keeping::Passing)
}

fn lasting(count: u32) -> Bucket {
    bucket("lasting", count, Keeping::Lasting)
}

#[tokio::test]
async fn what_passes_is_not_counted_in_the_database_and_what_lasts_is() {
    let world = World::new();
    assert_eq!(world.room(&[passing(3), lasting(9)]).await, 3);
    let stored = world.store.attempt(&[passing(1)], NOW).await.unwrap();
    assert!(stored.is_ok(), "it is counted nowhere else");
    assert_eq!(world.room(&[lasting(9)]).await, 6);
}

#[tokio::test]
async fn an_attempt_that_the_database_refuses_is_given_back() {
    let world = World::new();
    assert_eq!(world.room(&[passing(5), lasting(2)]).await, 2);
    assert!(!world.attempt(&[passing(5), lasting(2)]).await);
    assert_eq!(world.room(&[passing(5)]).await, 3);
}

#[tokio::test]
async fn without_the_quick_count_the_database_counts_everything() {
    let world = World::new();
    assert_eq!(world.room(&[passing(3)]).await, 3);
    world.is_down(true);
    assert_eq!(world.room(&[passing(3), lasting(9)]).await, 3, "as much as at first, and no more");
    world.is_down(false);
    assert_eq!(world.room(&[passing(3)]).await, 0, "nothing was forgotten");
}

#[tokio::test]
async fn what_a_commit_takes_back_is_taken_back_in_both_places() {
    let world = World::new();
    let both = [passing(3), lasting(3)];
    assert_eq!(world.room(&both).await, 3);
    let names = both.iter().map(|bucket| bucket.name.clone()).collect();
    let forget = Changes::default().with(Change::Forget(names));
    world.settling.commit(&forget).await.unwrap();
    assert_eq!(world.room(&both).await, 3);
    let back = both.iter().cloned().map(Change::GiveBack);
    world.settling.commit(&Changes::default().with_all(back)).await.unwrap();
    assert_eq!(world.room(&both).await, 1);
}

#[tokio::test]
async fn a_commit_is_done_whether_the_quick_count_answers_or_not() {
    let world = World::new();
    assert_eq!(world.room(&[lasting(1)]).await, 1);
    world.is_down(true);
    let forget = Changes::default().with(Change::Forget(vec!["lasting".to_owned()]));
    world.settling.commit(&forget).await.unwrap();
    assert_eq!(world.room(&[lasting(1)]).await, 1);
}
