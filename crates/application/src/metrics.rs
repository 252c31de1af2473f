//! What is counted of background jobs, of hashing passwords, of quick counts and of questions to others,
//! for whoever watches the program.
//!
//! Counting goes through the `metrics` crate, as logging goes through `tracing`: where nobody
//! collects, it comes to nothing. No label is an address, an identifier or anything else of a person.

use std::time::Duration;

use fastauth_domain::{breaches::Finding, delivery::State, limit::Reached, retention::Remains};
use fastauth_ports::{mail::Settlement, unavailable::Unavailable};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

const MAILS: &str = "fastauth_mails_total";
const REMOVED: &str = "fastauth_housekeeping_removed_total";
const SEARCHES: &str = "fastauth_breach_searches_total";
const QUICK_COUNTS: &str = "fastauth_quick_counts_total";
const ATTENDED: &str = "fastauth_request_attended_duration_seconds";
const HASH: &str = "fastauth_password_hash_duration_seconds";
const WAIT: &str = "fastauth_password_wait_duration_seconds";
const WAITING: &str = "fastauth_password_waiting";
const WAITS: &str = "fastauth_password_waits_total";

/// What an attempt that failed for the moment is counted as.
const DEFERRED: &str = "deferred";
/// What a mail that waits because too much goes to strangers is counted as.
const POSTPONED: &str = "postponed";
/// What else becomes of a mail in the outbox.
const DONE: [State; 5] =
    [State::HandedOver, State::Refused, State::Expired, State::Suppressed, State::Withheld];
/// What comes of searching breaches for a password.
const CLEAN: &str = "clean";
const BREACHED: &str = "breached";
const UNAVAILABLE: &str = "unavailable";
/// What comes of counting an attempt quickly.
const COUNTED: &str = "counted";
const FULL: &str = "full";

/// What becomes of somebody who waits for a turn at hashing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WaitOutcome {
    /// They had it.
    Served,
    /// There was no place to wait.
    Refused,
    /// They went away.
    Left,
}

impl WaitOutcome {
    const ALL: [Self; 3] = [Self::Served, Self::Refused, Self::Left];

    const fn name(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Refused => "refused",
            Self::Left => "left",
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
    describe_histogram!(
        ATTENDED,
        Unit::Seconds,
        "How long requests that were answered waited until they were attended to."
    );
    describe_histogram!(HASH, Unit::Seconds, "How long hashing a password took.");
    describe_histogram!(WAIT, Unit::Seconds, "How long was waited for a turn at hashing.");
    describe_gauge!(WAITING, Unit::Count, "Those who wait for a turn at hashing.");
    describe_counter!(WAITS, Unit::Count, "Those who asked for one, by what became of it.");
    gauge!(WAITING).increment(0);
    for outcome in WaitOutcome::ALL {
        counter!(WAITS, "outcome" => outcome.name()).increment(0);
    }
    for outcome in DONE.map(State::name).into_iter().chain([DEFERRED, POSTPONED]) {
        counter!(MAILS, "outcome" => outcome).increment(0);
    }
    for &remains in Remains::ALL {
        count_removed(remains, 0);
    }
    describe_counter!(
        SEARCHES,
        Unit::Count,
        "Passwords that breaches were searched for, by what was found."
    );
    for outcome in [CLEAN, BREACHED, UNAVAILABLE] {
        counter!(SEARCHES, "outcome" => outcome).increment(0);
    }
    describe_counter!(
        QUICK_COUNTS,
        Unit::Count,
        "Attempts that were to be counted quickly, by what came of it."
    );
    for outcome in [COUNTED, FULL, UNAVAILABLE] {
        counter!(QUICK_COUNTS, "outcome" => outcome).increment(0);
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

pub(crate) fn count_search(found: &Result<Finding, Unavailable>) {
    let outcome = match found {
        Ok(Finding::Clean) => CLEAN,
        Ok(Finding::Breached) => BREACHED,
        Err(_) => UNAVAILABLE,
    };
    counter!(SEARCHES, "outcome" => outcome).increment(1);
}

pub(crate) fn count_quick(counted: &Result<Result<(), Reached>, Unavailable>) {
    let outcome = match counted {
        Ok(Ok(())) => COUNTED,
        Ok(Err(_)) => FULL,
        Err(_) => UNAVAILABLE,
    };
    counter!(QUICK_COUNTS, "outcome" => outcome).increment(1);
}

pub(crate) fn count_removed(remains: Remains, count: u64) {
    counter!(REMOVED, "kind" => remains.name()).increment(count);
}

pub(crate) fn wait_begins() {
    gauge!(WAITING).increment(1);
}

pub(crate) fn wait_ends(outcome: WaitOutcome, waited: Duration) {
    gauge!(WAITING).decrement(1);
    counter!(WAITS, "outcome" => outcome.name()).increment(1);
    if outcome == WaitOutcome::Served {
        histogram!(WAIT).record(waited);
    }
}

/// Somebody who is to wait for a turn later would find no place.
pub(crate) fn turned_away() {
    counter!(WAITS, "outcome" => WaitOutcome::Refused.name()).increment(1);
}

pub(crate) fn attended(waited: Duration) {
    histogram!(ATTENDED).record(waited);
}

pub(crate) fn hashed(took: Duration) {
    histogram!(HASH).record(took);
}
