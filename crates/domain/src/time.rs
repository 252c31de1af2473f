//! Points in time, as whole microseconds since the Unix epoch.
//!
//! An integer compares the same way in Rust and in every database, which text forms do not.

use std::time::Duration;

/// A point in time in UTC, with a resolution of one microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point this many microseconds after the Unix epoch; negative before it.
    pub const fn from_unix_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn unix_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the Unix epoch, as UUIDv7 counts them; 0 before it.
    pub(crate) fn unix_millis(self) -> u64 {
        u64::try_from(self.0 / 1_000).unwrap_or(0)
    }

    /// This point moved into the future; stops at the end of representable time.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// This point moved into the past; stops at the beginning of representable time.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(micros))
    }

    /// How long ago `earlier` was; zero if it lies in the future, as after a clock was set back.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let micros = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_time_do_not_wrap() {
        let end = Timestamp::from_unix_micros(i64::MAX);
        assert_eq!(end.plus(Duration::MAX), end);
        let beginning = Timestamp::from_unix_micros(i64::MIN);
        assert_eq!(beginning.minus(Duration::MAX), beginning);
        assert_eq!(beginning.since(end), Duration::ZERO);
    }

    #[test]
    fn a_clock_set_back_measures_nothing() {
        let (earlier, later) =
            (Timestamp::from_unix_micros(1_000), Timestamp::from_unix_micros(3_000));
        assert_eq!(later.since(earlier), Duration::from_millis(2));
        assert_eq!(earlier.since(later), Duration::ZERO);
    }
}
