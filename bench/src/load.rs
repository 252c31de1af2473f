//! Closed-loop load: each worker starts over when it is done.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Failure;

/// Somebody who does one thing after another.
pub(crate) trait Worker: Send + 'static {
    /// What may be asked for.
    type Work: Copy + Send + 'static;

    /// Does it once.
    fn perform(&mut self, work: Self::Work) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// What a measurement has shown.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
}

/// Everybody does the same work for a while.
pub(crate) async fn measure<W: Worker>(
    workers: &mut Vec<W>,
    work: W::Work,
    length: Duration,
) -> Result<Measured, Failure> {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for mut worker in workers.drain(..) {
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            while started.elapsed() < length {
                let sent = Instant::now();
                worker.perform(work).await?;
                latencies.push(sent.elapsed());
            }
            Ok::<_, Failure>((worker, latencies))
        });
    }
    let mut latencies = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (worker, own) = done??;
        workers.push(worker);
        latencies.extend(own);
    }
    Ok(summary(latencies, started.elapsed()))
}

fn summary(mut latencies: Vec<Duration>, elapsed: Duration) -> Measured {
    latencies.sort_unstable();
    let at = |percent: usize| {
        let index = latencies.len().saturating_sub(1) * percent / 100;
        latencies.get(index).copied().unwrap_or_default()
    };
    let count = u32::try_from(latencies.len()).unwrap_or(u32::MAX);
    let per_second = f64::from(count) / elapsed.as_secs_f64();
    Measured { per_second, median: at(50), p99: at(99) }
}
