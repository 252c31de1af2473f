//! Counting attempts against limits.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use fastauth_domain::{
    guess::{Guess, GuessLimits},
    limit::{Bucket, Change, Full, Keeping, Rate, Reached},
    time::Timestamp,
};
use tokio::{sync::Barrier, task::JoinSet};

use super::flows::{self, NOW, address};
use crate::limits::TestedLimits;

const MINUTE: Duration = Duration::from_mins(1);

pub async fn as_many_attempts_come_through_as_there_is_room_for(tested: &impl TestedLimits) {
    let bucket = bucket("login", 3);
    for _ in 0..3 {
        assert_eq!(attempt(tested, &[&bucket], NOW).await, Ok(()));
    }
    let until = NOW.plus(MINUTE / 3);
    assert_eq!(attempt(tested, &[&bucket], NOW).await, Err(Full { until }));
    let just_before = until.minus(Duration::from_micros(1));
    assert_eq!(attempt(tested, &[&bucket], just_before).await, Err(Full { until }));
    assert_eq!(attempt(tested, &[&bucket], until).await, Ok(()));
    assert_eq!(
        attempt(tested, &[&bucket], until).await,
        Err(Full { until: NOW.plus(2 * MINUTE / 3) })
    );
}

pub async fn a_bucket_that_was_not_used_has_room_for_all_and_not_for_more(
    tested: &impl TestedLimits,
) {
    let bucket = bucket("login", 2);
    attempt(tested, &[&bucket], NOW).await.unwrap();
    let later = NOW.plus(100 * MINUTE);
    for _ in 0..2 {
        assert_eq!(attempt(tested, &[&bucket], later).await, Ok(()));
    }
    assert!(attempt(tested, &[&bucket], later).await.is_err());
}

pub async fn names_that_differ_are_counted_apart(tested: &impl TestedLimits) {
    for name in ["jose", "josé", "Jose", "jose/", "", "名前", &"x".repeat(Bucket::MAX_LENGTH)] {
        let bucket = bucket(name, 1);
        assert_eq!(attempt(tested, &[&bucket], NOW).await, Ok(()), "{name:?}");
        assert!(attempt(tested, &[&bucket], NOW).await.is_err(), "{name:?}");
    }
}

pub async fn an_attempt_counts_in_every_bucket_or_in_none(tested: &impl TestedLimits) {
    let (wide, narrow) = (bucket("wide", 2), bucket("a narrow", 1));
    assert_eq!(attempt(tested, &[&wide, &narrow], NOW).await, Ok(()));
    for _ in 0..5 {
        let full = attempt(tested, &[&wide, &narrow], NOW).await.unwrap_err();
        assert_eq!(full.until, NOW.plus(MINUTE));
    }
    assert_eq!(attempt(tested, &[&wide], NOW).await, Ok(()));
    assert!(attempt(tested, &[&wide], NOW).await.is_err());
    assert_eq!(attempt(tested, &[], NOW).await, Ok(()));
}

pub async fn of_many_attempts_at_once_no_more_come_through_than_there_is_room_for(
    tested: &impl TestedLimits,
) {
    for round in 0..8 {
        let (shared, start) = (bucket(&format!("round {round}"), 5), Arc::new(Barrier::new(12)));
        let mut attempts = JoinSet::new();
        for caller in 0..12 {
            let buckets = [shared.clone(), bucket(&format!("caller {caller}"), 100)];
            let (store, start) = (tested.beside().await, Arc::clone(&start));
            attempts.spawn(async move {
                start.wait().await;
                store.attempt(&buckets, NOW).await.unwrap().is_ok()
            });
        }
        let passed = attempts.join_all().await.into_iter().filter(|it| *it).count();
        assert_eq!(passed, 5, "round {round}");
    }
}

pub async fn of_many_guesses_at_once_no_more_are_looked_at_than_there_is_room_for(
    tested: &impl TestedLimits,
) {
    let limits = GuessLimits { rate: Rate::new(4, MINUTE), most: NonZeroU32::new(100) };
    let origin = flows::visitor().origin;
    for round in 0..6 {
        let address = address(&format!("person{round}@example.com"));
        let start = Arc::new(Barrier::new(12));
        let mut guesses = JoinSet::new();
        for _ in 0..12 {
            let buckets = Guess::at_sign_in(limits, address.key(), &origin).buckets();
            let (store, start, now) =
                (tested.beside().await, Arc::clone(&start), NOW.plus(round * MINUTE));
            guesses.spawn(async move {
                start.wait().await;
                store.attempt(&buckets, now).await.unwrap().is_ok()
            });
        }
        let passed = guesses.join_all().await.into_iter().filter(|it| *it).count();
        assert_eq!(passed, 4, "round {round}");
    }
}

pub async fn it_is_told_which_bucket_is_full(tested: &impl TestedLimits) {
    let (wide, narrow) = (bucket("wide", 2), bucket("a narrow", 1));
    attempt(tested, &[&wide, &narrow], NOW).await.unwrap();
    let reached = tested.limits().attempt(&[wide, narrow.clone()], NOW).await.unwrap();
    assert_eq!(reached, Err(Reached { bucket: narrow, until: NOW.plus(MINUTE) }));
}

pub async fn nobody_waits_for_a_clock_that_was_set_back(tested: &impl TestedLimits) {
    let bucket = bucket("login", 1);
    attempt(tested, &[&bucket], NOW.plus(100 * MINUTE)).await.unwrap();
    assert_eq!(attempt(tested, &[&bucket], NOW).await, Ok(()));
    assert_eq!(attempt(tested, &[&bucket], NOW).await, Err(Full { until: NOW.plus(MINUTE) }));
}

pub async fn what_was_counted_is_forgotten(tested: &impl TestedLimits) {
    let (forgotten, also) = (bucket("forgotten", 1), bucket("also", 1));
    let kept = bucket("kept", 1);
    attempt(tested, &[&forgotten, &also, &kept], NOW).await.unwrap();
    let names = vec![forgotten.name.clone(), also.name.clone()];
    tested.settle(vec![Change::Forget(names)]).await;
    assert_eq!(attempt(tested, &[&forgotten, &also], NOW).await, Ok(()));
    assert!(attempt(tested, &[&kept], NOW).await.is_err());
}

pub async fn an_attempt_is_given_back(tested: &impl TestedLimits) {
    let bucket = bucket("login", 3);
    for _ in 0..3 {
        attempt(tested, &[&bucket], NOW).await.unwrap();
    }
    tested.settle(vec![Change::GiveBack(bucket.clone())]).await;
    assert_eq!(attempt(tested, &[&bucket], NOW).await, Ok(()));
    assert_eq!(attempt(tested, &[&bucket], NOW).await, Err(Full { until: NOW.plus(MINUTE / 3) }));
}

pub async fn what_is_not_there_can_be_forgotten_and_given_back(tested: &impl TestedLimits) {
    let bucket = bucket("login", 1);
    let forget = Change::Forget(vec![bucket.name.clone()]);
    tested.settle(vec![forget, Change::GiveBack(bucket.clone())]).await;
    assert_eq!(attempt(tested, &[&bucket], NOW).await, Ok(()));
    assert!(attempt(tested, &[&bucket], NOW).await.is_err());
}

/// So many attempts a minute.
fn bucket(name: &str, count: u32) -> Bucket {
    let rate = Rate::new(count, MINUTE).unwrap();
    Bucket { name: name.to_owned(), rate, keeping: Keeping::Passing }
}

async fn attempt(
    tested: &impl TestedLimits,
    buckets: &[&Bucket],
    now: Timestamp,
) -> Result<(), Full> {
    let buckets: Vec<Bucket> = buckets.iter().map(|it| (*it).clone()).collect();
    let attempted = tested.limits().attempt(&buckets, now).await.unwrap();
    attempted.map_err(|reached| Full { until: reached.until })
}
