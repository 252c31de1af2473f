//! The clock and the randomness of the operating system.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fastauth_domain::time::Timestamp;
use fastauth_ports::{clock::Clock, randomness::Randomness, unavailable::Unavailable};

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
        let now = SystemTime::now();
        // Before 1970 it is 1970: everything is younger than that.
        let since_epoch = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp::from_unix_micros(0).plus(since_epoch)
    }
}

/// The random source of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandomness;

impl Randomness for OsRandomness {
    fn seed(&self) -> Result<[u8; 32], Unavailable> {
        let mut seed = [0; 32];
        #[expect(clippy::disallowed_methods, reason = "this is where randomness comes in")]
        getrandom::fill(&mut seed).map_err(|error| Unavailable::new(error.to_string()))?;
        Ok(seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_later_than_when_this_was_written() {
        assert!(SystemClock.now().unix_micros() > 1_763_000_000_000_000);
    }

    #[test]
    fn no_two_seeds_are_equal() {
        assert_ne!(OsRandomness.seed().unwrap(), OsRandomness.seed().unwrap());
    }
}
