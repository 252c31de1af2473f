//! Facts to decide on.

use std::time::Duration;

use fastauth_domain::{
    account::Account,
    email::EmailAddress,
    gate::{self, Grant, VerificationRule},
    moment::Moment,
    one_time::{Issuer, Lifetimes, OneTimeKey},
    password::PasswordHash,
    server_key::ServerKey,
    session::{Persistence, Session, SessionLimits, SessionPolicy, SignedIn},
    time::Timestamp,
};

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

pub(crate) const POLICY: SessionPolicy = SessionPolicy {
    normal: SessionLimits {
        idle: Duration::from_hours(7 * 24),
        absolute: Duration::from_hours(30 * 24),
    },
    remembered: SessionLimits {
        idle: Duration::from_hours(90 * 24),
        absolute: Duration::from_hours(365 * 24),
    },
    reuse_interval: Duration::from_secs(10),
    most: None,
};

/// Some day, this much later.
pub(crate) fn at(later: Duration) -> Timestamp {
    Timestamp::from_unix_micros(1_800_000_000_000_000).plus(later)
}

pub(crate) fn moment(later: Duration) -> Moment {
    let mut seed = [7; 32];
    seed[..16].copy_from_slice(&later.as_micros().to_be_bytes());
    Moment::new(at(later), seed)
}

pub(crate) fn address() -> EmailAddress {
    EmailAddress::parse("user@example.com").unwrap()
}

pub(crate) fn hash() -> PasswordHash {
    PasswordHash::from_phc("$argon2id$stored")
}

pub(crate) fn account() -> Account {
    Account::open(address(), None, hash(), &mut moment(Duration::ZERO))
}

pub(crate) fn verified() -> Account {
    Account { verified_at: Some(at(Duration::ZERO)), ..account() }
}

pub(crate) fn disabled() -> Account {
    Account { disabled_at: Some(at(Duration::ZERO)), ..verified() }
}

pub(crate) fn open(account: &Account, persistence: Persistence) -> (Session, Grant) {
    let active = gate::admit(account, VerificationRule::Optional).unwrap();
    active.open_session(persistence, &POLICY, &mut moment(Duration::ZERO))
}

pub(crate) fn signed_in() -> (SignedIn, Grant) {
    let account = verified();
    let (session, grant) = open(&account, Persistence::Normal);
    (SignedIn { session, account }, grant)
}

pub(crate) fn server_key() -> ServerKey {
    ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap()
}

pub(crate) fn issuer() -> Issuer {
    let lifetimes = Lifetimes {
        email_verification: DAY,
        password_reset: Duration::from_hours(1),
        email_change: DAY,
        email_revert: 7 * DAY,
    };
    Issuer { key: OneTimeKey::new(&server_key()), lifetimes }
}
