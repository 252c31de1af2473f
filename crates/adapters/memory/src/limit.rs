//! Counting attempts in one process, in as much memory as there is to spare for it.

use std::collections::HashMap;

use async_trait::async_trait;
use fastauth_domain::{
    limit::{Bucket, Change, Reached},
    time::Timestamp,
};
use fastauth_ports::{limits::LimitAttempts, unavailable::Unavailable};

use crate::{MemoryStore, State, commit::Undo};

/// The most buckets that are kept.
const MOST: usize = 1 << 17;
/// How many are left when there were too many.
const LEFT: usize = MOST / 8 * 7;

/// When the next attempt is due in each bucket. One that is due is as good as none.
#[derive(Debug, Default)]
pub(crate) struct Buckets(HashMap<String, Timestamp>);

impl Buckets {
    fn attempt(&mut self, buckets: &[Bucket], now: Timestamp) -> Result<(), Reached> {
        let take = |bucket: &Bucket| match bucket.rate.take(self.due(&bucket.name), now) {
            Ok(due) => Ok((bucket.name.clone(), due)),
            Err(full) => Err(Reached { bucket: bucket.clone(), until: full.until }),
        };
        let taken = buckets.iter().map(take).collect::<Result<Vec<_>, Reached>>()?;
        self.0.extend(taken);
        if self.0.len() > MOST {
            self.make_room(now);
        }
        Ok(())
    }

    fn due(&self, name: &str) -> Option<Timestamp> {
        self.0.get(name).copied()
    }

    /// Forgets what is due, and what will be due soonest. Whoever wants a bucket to be forgotten has to
    /// fill all the others more than that one.
    fn make_room(&mut self, now: Timestamp) {
        self.0.retain(|_, due| *due > now);
        let mut dues: Vec<Timestamp> = self.0.values().copied().collect();
        let Some(excess) = dues.len().checked_sub(LEFT).filter(|excess| *excess > 0) else {
            return;
        };
        let (_, &mut latest, _) = dues.select_nth_unstable(excess - 1);
        let mut left = excess;
        self.0.retain(|_, due| {
            let goes = *due <= latest && left > 0;
            left -= usize::from(goes);
            !goes
        });
    }

    /// Puts a bucket back as it was.
    fn restore(&mut self, name: String, due: Option<Timestamp>) {
        match due {
            Some(due) => self.0.insert(name, due),
            None => self.0.remove(&name),
        };
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
    ) -> Result<Result<(), Reached>, Unavailable> {
        Ok(self.state().buckets.attempt(buckets, now))
    }
}

impl State {
    pub(crate) fn apply_to_limits(&mut self, change: &Change) -> Undo {
        let before: Vec<_> = match change {
            Change::Forget(names) => names.as_slice(),
            Change::GiveBack(Bucket { name, .. }) => std::slice::from_ref(name),
        }
        .iter()
        .map(|name| (name.clone(), self.buckets.due(name)))
        .collect();
        for (name, due) in &before {
            let after = match change {
                Change::Forget(_) => None,
                Change::GiveBack(Bucket { rate, .. }) => due.map(|due| due.minus(rate.interval())),
            };
            self.buckets.restore(name.clone(), after);
        }
        Box::new(move |state| {
            for (name, due) in before {
                state.buckets.restore(name, due);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use fastauth_domain::limit::{Keeping, Rate};

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_micros(1_000_000_000);

    fn bucket(name: &str, count: u32) -> Bucket {
        let rate = Rate::new(count, Duration::from_mins(1)).unwrap();
        Bucket { name: name.to_owned(), rate, keeping: Keeping::Passing }
    }

    #[test]
    fn any_number_of_names_takes_no_more_room_and_frees_nobody_who_has_reached_a_limit() {
        let (mut buckets, victim) = (Buckets::default(), bucket("victim", 3));
        for _ in 0..3 {
            buckets.attempt(std::slice::from_ref(&victim), NOW).unwrap();
        }
        for stranger in 0..3 * MOST {
            buckets.attempt(&[bucket(&format!("stranger {stranger}"), 3)], NOW).unwrap();
            assert!(buckets.0.len() <= MOST);
        }
        assert!(buckets.attempt(&[victim], NOW).is_err());
    }

    #[test]
    fn what_is_due_makes_room_first() {
        let mut buckets = Buckets::default();
        for stranger in 0..MOST {
            buckets.attempt(&[bucket(&format!("stranger {stranger}"), 3)], NOW).unwrap();
        }
        let later = NOW.plus(Duration::from_mins(1));
        buckets.attempt(&[bucket("newcomer", 3)], later).unwrap();
        assert_eq!(buckets.0.len(), 1);
    }
}
