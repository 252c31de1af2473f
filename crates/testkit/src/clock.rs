//! A clock that is turned by hand.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use fastauth_domain::time::Timestamp;
use fastauth_ports::clock::Clock;

/// Stands still until it is turned. Share it as `Arc<TurnableClock>`.
#[derive(Debug)]
pub struct TurnableClock(AtomicI64);

impl TurnableClock {
    /// Where a clock stands by default: 2027-01-15 08:00:00 UTC.
    pub const START: Timestamp = Timestamp::from_unix_micros(1_800_000_000_000_000);

    /// A clock that stands at this moment.
    pub const fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.unix_micros()))
    }

    /// Turns the clock to a moment, forwards or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.unix_micros(), Ordering::SeqCst);
    }

    /// Turns the clock forwards.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().plus(by));
    }
}

impl Default for TurnableClock {
    fn default() -> Self {
        Self::at(Self::START)
    }
}

impl Clock for TurnableClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_stands_where_it_was_turned_to() {
        let clock = TurnableClock::default();
        assert_eq!(clock.now(), TurnableClock::START);
        clock.advance(Duration::from_micros(1));
        assert_eq!(clock.now().since(TurnableClock::START), Duration::from_micros(1));
        clock.set(Timestamp::from_unix_micros(-1));
        assert_eq!(clock.now().unix_micros(), -1);
    }
}
