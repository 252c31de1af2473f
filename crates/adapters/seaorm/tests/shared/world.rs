//! People, and what becomes of them.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use fastauth_domain::{
    account::Account,
    change::Changes,
    email::EmailAddress,
    gate::{Grant, VerificationRule},
    moment::Moment,
    one_time::{Issuer, Lifetimes, OneTimeKey},
    password::PasswordHash,
    register::{self, Registered, Registration, RegistrationRules},
    server_key::ServerKey,
    session::{SessionLimits, SessionPolicy},
    time::Timestamp,
};
use fastauth_ports::{accounts::ReadAccounts, commit::Commit};
use fastauth_seaorm::SqlStore;

const HOUR: Duration = Duration::from_hours(1);

pub(crate) const NOW: Timestamp = Timestamp::from_unix_micros(1_795_000_000_000_000);

pub(crate) const POLICY: SessionPolicy = {
    let limits = SessionLimits { idle: HOUR, absolute: HOUR };
    SessionPolicy {
        normal: limits,
        remembered: limits,
        reuse_interval: Duration::from_secs(10),
        most: None,
    }
};

/// A moment with randomness of its own.
pub(crate) fn moment() -> Moment {
    static DRAWN: AtomicU64 = AtomicU64::new(0);
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&DRAWN.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    Moment::new(NOW, seed)
}

pub(crate) fn address(name: &str) -> EmailAddress {
    EmailAddress::parse(&format!("{name}@example.com")).unwrap()
}

pub(crate) fn hash() -> PasswordHash {
    PasswordHash::from_phc("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA")
}

pub(crate) fn server_key() -> ServerKey {
    ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap()
}

pub(crate) fn issuer() -> Issuer {
    let lifetimes = Lifetimes {
        email_verification: HOUR,
        password_reset: HOUR,
        email_change: HOUR,
        email_revert: HOUR,
    };
    Issuer { key: OneTimeKey::new(&server_key()), lifetimes }
}

/// Decides that somebody registers.
pub(crate) fn registration(name: &str) -> (Changes, Grant) {
    let rules = RegistrationRules {
        verification: VerificationRule::Optional,
        sessions: POLICY,
        one_time: issuer(),
    };
    let registration =
        Registration { email: address(name), name: None, password: hash(), role: None };
    let decision = register::register(None, registration, &rules, &mut moment());
    match decision.answer {
        Ok(Registered::SignedIn(grant)) => (decision.changes, grant),
        other => panic!("{other:?}"),
    }
}

/// Registers somebody.
pub(crate) async fn register(store: &SqlStore, name: &str) -> (Account, Grant) {
    let (changes, grant) = registration(name);
    store.commit(&changes).await.unwrap();
    let account = store.with_email(address(name).key()).await.unwrap().unwrap();
    (account, grant)
}
