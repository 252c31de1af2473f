//! A clock that ticks on time.
//!
//! The timers of the runtime are late by up to two milliseconds, which would be counted against the
//! server.

use std::{
    thread,
    time::{Duration, Instant},
};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Has each of so many take turns, so many times a second in all, for so long; each is told when it was
/// due. What nobody listens for any more is not ticked.
pub(crate) fn ticks(
    listeners: u32,
    per_second: u32,
    length: Duration,
) -> Vec<UnboundedReceiver<Instant>> {
    let (senders, receivers): (Vec<_>, Vec<_>) =
        (0..listeners).map(|_| unbounded_channel()).unzip();
    thread::spawn(move || tick(&senders, per_second, length));
    receivers
}

fn tick(senders: &[UnboundedSender<Instant>], per_second: u32, length: Duration) {
    let started = Instant::now();
    for (nth, sender) in (0..).zip(senders.iter().cycle()) {
        let due = Duration::from_secs(1) * nth / per_second;
        if due >= length {
            break;
        }
        let due = started + due;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if sender.send(due).is_err() {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everybody_has_turns_and_none_comes_before_it_is_due() {
        let (mut total, began) = (0, Instant::now());
        for mut receiver in ticks(3, 100, Duration::from_millis(90)) {
            while let Some(due) = receiver.recv().await {
                assert!(due <= Instant::now() && due >= began);
                total += 1;
            }
        }
        assert_eq!(total, 9);
    }
}
