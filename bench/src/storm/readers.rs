//! Those who are signed in, and read at a fixed rate.

use std::time::Duration;

use tokio::task::JoinSet;

use super::{latencies::Latencies, metronome::ticks};
use crate::{
    Failure,
    crowd::{Person, Work},
    load::Worker,
};

/// One request in so many refreshes; the others ask who is signed in.
const REFRESHES: u32 = 10;

/// How late the answers were.
#[derive(Default)]
pub(crate) struct Reads {
    /// Those of the questions who is signed in.
    pub(crate) me: Latencies,
    /// Those of the refreshes, each of which waits for the disk.
    pub(crate) refreshes: Latencies,
    pub(crate) failed: usize,
}

impl Reads {
    fn join(&mut self, Self { me, refreshes, failed }: Self) {
        self.me.join(me);
        self.refreshes.join(refreshes);
        self.failed += failed;
    }
}

/// Has everybody take turns, so that so many requests are due each second.
pub(crate) async fn read(
    people: Vec<Person>,
    per_second: u32,
    length: Duration,
) -> Result<(Reads, Vec<Person>), Failure> {
    let ticks = ticks(u32::try_from(people.len())?, per_second, length);
    let mut readers = JoinSet::new();
    for ((first, mut person), mut ticks) in (0..).zip(people).zip(ticks) {
        readers.spawn(async move {
            let mut reads = Reads::default();
            // Not all refresh at the same time.
            let mut nth = first;
            while let Some(due) = ticks.recv().await {
                nth += 1;
                let is_refresh = nth % REFRESHES == 0;
                let work = if is_refresh { Work::Refresh } else { Work::Me };
                reads.failed += usize::from(person.perform(work).await.is_err());
                let latencies = if is_refresh { &mut reads.refreshes } else { &mut reads.me };
                latencies.add(due.elapsed());
            }
            (person, reads)
        });
    }
    let mut reads = Reads::default();
    let mut people = Vec::new();
    while let Some(done) = readers.join_next().await {
        let (person, of_one) = done?;
        people.push(person);
        reads.join(of_one);
    }
    Ok((reads, people))
}
