//! What is counted of background jobs and of hashing passwords, for whoever watches the program.
//!
//! Counting goes through the `metrics` crate, as logging goes through `tracing`: where nobody
//! collects, it comes to nothing. No label is an address, an identifier or anything else of a person.

use std::time::Duration;

use fastauth_domain::{delivery::State, retention::Remains};
use fastauth_ports::mail::Settlement;
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

const MAILS: &str = "fastauth_mails_total";
const REMOVED: &str = "fastauth_housekeeping_removed_total";
const HASHES: &str = "fastauth_password_hashes_total";
const HASH_DURATION: &str = "fastauth_password_hash_duration_seconds";
const HASHES_WAITING: &str = "fastauth_password_hashes_waiting";

/// What an attempt that failed for the moment is counted as.
const DEFERRED: &str = "deferred";
/// What a mail that waits because too much goes to strangers is counted as.
const POSTPONED: &str = "postponed";
/// What else becomes of a mail in the outbox.
const DONE: [State; 5] =
    [State::HandedOver, State::Refused, State::Expired, State::Suppressed, State::Withheld];

/// What becomes of a password that is to be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashOutcome {
    /// It was hashed.
    Done,
    /// There was no room, or no way.
    Refused,
    /// Whoever asked did not wait.
    Abandoned,
}

impl HashOutcome {
    const ALL: [Self; 3] = [Self::Done, Self::Refused, Self::Abandoned];

    const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
        }
    }
}

/// Says what is counted to whoever collects it, and begins each count at zero: a count that is not
/// there yet cannot be seen to rise. To be called once the collecting has begun.
pub fn describe() {
    describe_counter!(
        MAILS,
        Unit::Count,
        "Mails that relays have dealt with, by what became of them."
    );
    describe_counter!(REMOVED, Unit::Count, "What housekeeping has removed, by kind.");
    describe_counter!(
        HASHES,
        Unit::Count,
        "Passwords that were to be hashed, by what became of it."
    );
    describe_gauge!(
        HASHES_WAITING,
        Unit::Count,
        "Passwords that wait to be hashed, or are just now."
    );
    describe_histogram!(HASH_DURATION, Unit::Seconds, "How long hashing took, waiting included.");
    for outcome in HashOutcome::ALL {
        counter!(HASHES, "outcome" => outcome.name()).increment(0);
    }
    gauge!(HASHES_WAITING).increment(0);
    for outcome in DONE.map(State::name).into_iter().chain([DEFERRED, POSTPONED]) {
        counter!(MAILS, "outcome" => outcome).increment(0);
    }
    for &remains in Remains::ALL {
        count_removed(remains, 0);
    }
}

/// What a mail is counted as that is settled so.
pub(crate) const fn outcome(settlement: &Settlement) -> &'static str {
    match settlement {
        Settlement::Done { state, .. } => state.name(),
        Settlement::Retry { .. } => DEFERRED,
        Settlement::Postpone { .. } => POSTPONED,
    }
}

pub(crate) fn count_mail(outcome: &'static str) {
    counter!(MAILS, "outcome" => outcome).increment(1);
}

pub(crate) fn count_removed(remains: Remains, count: u64) {
    counter!(REMOVED, "kind" => remains.name()).increment(count);
}

pub(crate) fn hash_asked() {
    gauge!(HASHES_WAITING).increment(1);
}

pub(crate) fn hash_answered(outcome: HashOutcome, took: Duration) {
    gauge!(HASHES_WAITING).decrement(1);
    counter!(HASHES, "outcome" => outcome.name()).increment(1);
    if outcome == HashOutcome::Done {
        histogram!(HASH_DURATION).record(took);
    }
}
