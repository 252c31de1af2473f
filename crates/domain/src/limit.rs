//! Limits on how often something may happen: so many times at once, and as many again over a span of
//! time.
//!
//! This is the generic cell rate algorithm (ITU-T I.371, appendix I): all that is kept of a bucket is
//! one moment, the theoretical arrival time of the next attempt. It moves on by an interval with each
//! attempt, and may be ahead of the present by the span of time less an interval.

use std::{num::NonZeroU32, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{email::EmailKey, time::Timestamp, visitor::ClientNetwork};

/// By how much the clocks of instances may differ before what one has counted is nothing to another.
const CLOCKS_DIFFER: Duration = Duration::from_mins(5);

const FOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);

/// How often something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: NonZeroU32,
    per: Duration,
}

impl Rate {
    /// So many times in a span of time, all of them at once if need be. `None` without a time, a
    /// count, or a microsecond for each.
    pub fn new(count: u32, per: Duration) -> Option<Self> {
        let count = NonZeroU32::new(count)?;
        (per / count.get() >= Duration::from_micros(1)).then_some(Self { count, per })
    }

    /// How many times at once.
    pub const fn count(&self) -> u32 {
        self.count.get()
    }

    /// Over which time there is room for as many again.
    pub const fn per(&self) -> Duration {
        self.per
    }

    /// Four times as many at once, and twice as many over time: for what several people share.
    #[must_use]
    pub const fn shared(&self) -> Self {
        Self { count: self.count.saturating_mul(FOUR), per: self.per.saturating_mul(2) }
    }

    /// How long after an attempt there is room for one more.
    pub fn interval(&self) -> Duration {
        self.per / self.count.get()
    }

    /// By how much the next attempt may be early.
    pub fn tolerance(&self) -> Duration {
        self.interval() * (self.count.get() - 1)
    }

    /// What is due after this was counted before the clock was set back. It is as good as nothing, so
    /// that nobody waits for the clock to come round again.
    pub fn horizon(&self, now: Timestamp) -> Timestamp {
        now.plus(self.per.saturating_add(CLOCKS_DIFFER))
    }

    /// Counts an attempt: gives when the next one is due by now, or else when there will be room.
    pub fn take(&self, due: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Full> {
        let due = due.filter(|due| *due <= self.horizon(now)).map_or(now, |due| due.max(now));
        if due <= now.plus(self.tolerance()) {
            Ok(due.plus(self.interval()))
        } else {
            Err(Full { until: due.minus(self.tolerance()) })
        }
    }
}

/// There is no room for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit is reached")]
pub struct Full {
    /// When there will be.
    pub until: Timestamp,
}

/// What is counted, and how often it may happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// What is counted together, in at most [`Bucket::MAX_LENGTH`] characters, the last of which is no
    /// space.
    pub name: String,
    /// How often.
    pub rate: Rate,
    /// What forgetting it would cost.
    pub keeping: Keeping,
}

/// What it would cost to forget what was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// As many attempts at once as there are anyhow after a pause. It may be counted wherever that is
    /// quick.
    Passing,
    /// Attempts that were never to be made. It is counted where accounts are.
    Lasting,
}

impl Bucket {
    /// The most characters of a name.
    pub const MAX_LENGTH: usize = 300;

    /// Requests of one sort from one client network.
    pub fn of_client(request: Request, client: &ClientNetwork, rate: Rate) -> Self {
        let name = format!("{} from {}", request.name(), client.as_str());
        Self { name, rate, keeping: Keeping::Passing }
    }

    /// Links of one sort that are mailed to one address. It is not in the name, and only who guesses it can
    /// tell.
    pub fn of_mailbox(request: Request, address: &EmailKey, rate: Rate) -> Self {
        let name = format!("{} to {}", request.name(), digest(address, None));
        Self { name, rate, keeping: Keeping::Lasting }
    }
}

/// What a client asks for that is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// An account.
    Register,
    /// A link that verifies an address.
    Verify,
    /// A link to a new password.
    Reset,
    /// Another address for an account.
    ChangeEmail,
}

impl Request {
    const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::ChangeEmail => "change-email",
        }
    }
}

/// Tells addresses apart, and what one client does to them, and gives neither away to whoever only reads
/// what is counted.
pub(crate) fn digest(address: &EmailKey, client: Option<&ClientNetwork>) -> String {
    let client = client.map_or("", ClientNetwork::as_str);
    let both = Sha256::new().chain_update(address.as_str()).chain_update([0]).chain_update(client);
    URL_SAFE_NO_PAD.encode(both.finalize())
}

/// There was no room for an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Where there was none.
    pub bucket: Bucket,
    /// When there will be.
    pub until: Timestamp,
}

impl Reached {
    /// For how long to wait from now on.
    pub fn at(&self, now: Timestamp) -> TooManyAttempts {
        TooManyAttempts { rate: self.bucket.rate, wait: self.until.since(now) }
    }
}

/// Somebody is to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts")]
pub struct TooManyAttempts {
    /// How often it may be attempted.
    pub rate: Rate,
    /// After how long there is room for one more.
    pub wait: Duration,
}

/// What a decision wants done to what was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Forgets all that was counted in the buckets of these names.
    Forget(Vec<String>),
    /// Takes one attempt back that was counted in a bucket.
    GiveBack(Bucket),
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_micros(1_000_000_000);
    const MICROSECOND: Duration = Duration::from_micros(1);

    fn rate() -> Rate {
        Rate::new(3, Duration::from_mins(1)).unwrap()
    }

    #[test]
    fn as_many_as_allowed_may_come_at_once_and_no_more() {
        let mut due = None;
        for _ in 0..3 {
            due = Some(rate().take(due, NOW).unwrap());
        }
        let full = rate().take(due, NOW).unwrap_err();
        assert_eq!(full.until, NOW.plus(Duration::from_secs(20)));
        assert!(rate().take(due, full.until.minus(MICROSECOND)).is_err());
        let due = rate().take(due, full.until).unwrap();
        assert!(rate().take(Some(due), full.until).is_err());
    }

    #[test]
    fn what_was_not_used_comes_back_but_never_more_than_all_of_it() {
        let later = NOW.plus(Duration::from_hours(5));
        let mut due = Some(rate().take(None, NOW).unwrap());
        for _ in 0..3 {
            due = Some(rate().take(due, later).unwrap());
        }
        assert!(rate().take(due, later).is_err());
    }

    #[test]
    fn over_a_long_time_no_more_comes_through_than_the_rate_and_the_first_lot() {
        let (mut due, mut passed) = (None, 0);
        for second in 0..6_000 {
            if let Ok(next) = rate().take(due, NOW.plus(Duration::from_secs(second))) {
                (due, passed) = (Some(next), passed + 1);
            }
        }
        assert_eq!(passed, 3 + 6_000 / 20 - 1);
    }

    #[test]
    fn a_clock_that_was_set_back_is_not_waited_for_and_one_that_differs_is_believed() {
        let full = (0..3).fold(NOW, |due, _| rate().take(Some(due), NOW).unwrap());
        assert!(rate().take(Some(full), NOW.minus(Duration::from_mins(5))).is_err());
        assert!(rate().take(Some(full), NOW.minus(Duration::from_hours(1))).is_ok());
    }

    #[test]
    fn a_rate_has_a_count_and_a_time() {
        assert_eq!(Rate::new(0, Duration::from_secs(1)), None);
        assert_eq!(Rate::new(1, Duration::ZERO), None);
        assert_eq!(Rate::new(1_000_001, Duration::from_secs(1)), None);
        assert!(Rate::new(1, MICROSECOND).is_some());
    }
}
