//! Those who are signed in, and read at a fixed rate.

use std::time::{Duration, Instant};

use tokio::{task::JoinSet, time::sleep_until};

use crate::{
    Failure,
    crowd::{Person, Work},
    load::Worker,
};

/// One request in so many refreshes; the others ask who is signed in.
const REFRESHES: u32 = 10;

/// How late the answers were.
pub(crate) struct Reads {
    /// Sorted.
    latencies: Vec<Duration>,
    pub(crate) failed: usize,
}

impl Reads {
    /// The latency that so many in a thousand stay within.
    pub(crate) fn within(&self, per_mille: usize) -> Duration {
        let index = self.latencies.len().saturating_sub(1) * per_mille / 1_000;
        self.latencies.get(index).copied().unwrap_or_default()
    }

    pub(crate) fn count(&self) -> usize {
        self.latencies.len()
    }
}

/// Has everybody take turns, so that so many requests are due each second.
pub(crate) async fn read(
    people: Vec<Person>,
    per_second: u32,
    length: Duration,
) -> Result<(Reads, Vec<Person>), Failure> {
    let started = Instant::now();
    let each = u32::try_from(people.len())?;
    let mut readers = JoinSet::new();
    for (first, mut person) in (0..each).zip(people) {
        readers.spawn(async move {
            let (mut latencies, mut failed) = (Vec::new(), 0);
            for nth in 0.. {
                let due = Duration::from_secs(1) * (first + nth * each) / per_second;
                if due >= length {
                    break;
                }
                let due = started + due;
                sleep_until(due.into()).await;
                let work = if nth % REFRESHES == 0 { Work::Refresh } else { Work::Me };
                failed += usize::from(person.perform(work).await.is_err());
                latencies.push(due.elapsed());
            }
            (person, latencies, failed)
        });
    }
    let mut reads = Reads { latencies: Vec::new(), failed: 0 };
    let mut people = Vec::new();
    while let Some(done) = readers.join_next().await {
        let (person, latencies, failed) = done?;
        people.push(person);
        reads.latencies.extend(latencies);
        reads.failed += failed;
    }
    reads.latencies.sort_unstable();
    Ok((reads, people))
}
