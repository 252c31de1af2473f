//! Answers whose time tells nothing.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How far apart the moments are at which such answers are given. What is done for somebody whom mail is
/// sent to takes a fraction of a millisecond more than what is done for nobody, and nobody notices this.
const STEP: Duration = Duration::from_millis(50);

/// Holds an answer back until the next step since it was asked for (OWASP ASVS 5.0, 6.3.8). It is there
/// by then either way, so that whoever takes the time learns nothing of what was done.
pub(crate) async fn in_step<A>(answer: impl Future<Output = A>) -> A {
    let mut due = Instant::now();
    let answer = answer.await;
    let ready = Instant::now();
    while due <= ready {
        due += STEP;
    }
    sleep_until(due).await;
    answer
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn answers_come_in_steps_however_long_they_took() {
        for (took, steps) in [(0, 1), (1, 1), (49, 1), (51, 2), (99, 2), (120, 3)] {
            let asked = Instant::now();
            in_step(sleep(Duration::from_millis(took))).await;
            assert_eq!(asked.elapsed(), STEP * steps, "{took} ms");
        }
    }
}
