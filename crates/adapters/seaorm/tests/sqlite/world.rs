//! People, and a database file for them.

use std::{
    path::{Path, PathBuf},
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
    refresh_token::RefreshKey,
    register::{self, Registered, Registration, RegistrationRules},
    server_key::ServerKey,
    session::{SessionLimits, SessionPolicy},
    time::Timestamp,
};
use fastauth_ports::{accounts::ReadAccounts, commit::Commit};
use fastauth_seaorm::SqlStore;
use sea_orm::{Database, DatabaseConnection};
use tempfile::TempDir;

const HOUR: Duration = Duration::from_hours(1);

pub(crate) const NOW: Timestamp = Timestamp::from_unix_micros(1_795_000_000_000_000);

pub(crate) const POLICY: SessionPolicy = {
    let limits = SessionLimits { idle: HOUR, absolute: HOUR };
    SessionPolicy { normal: limits, remembered: limits, reuse_interval: Duration::from_secs(10) }
};

/// A folder with a database file in it.
pub(crate) struct Disk(TempDir);

impl Disk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder().join("fastauth.db")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}?mode=rwc", self.file().display())
    }

    /// A store as a program opens it when it starts.
    pub(crate) async fn store(&self) -> SqlStore {
        let store = SqlStore::connect(&self.url()).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// Somebody else at the same file.
    pub(crate) async fn stranger(&self) -> DatabaseConnection {
        Database::connect(self.url()).await.unwrap()
    }
}

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

fn server() -> ServerKey {
    ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap()
}

pub(crate) fn refresh_key() -> RefreshKey {
    RefreshKey::new(&server())
}

pub(crate) fn issuer() -> Issuer {
    let lifetimes = Lifetimes { email_verification: HOUR, password_reset: HOUR };
    Issuer { key: OneTimeKey::new(&server()), lifetimes }
}

/// Decides that somebody registers.
pub(crate) fn registration(name: &str) -> (Changes, Grant) {
    let rules = RegistrationRules {
        verification: VerificationRule::Optional,
        sessions: POLICY,
        one_time: issuer(),
    };
    let registration = Registration { email: address(name), name: None, password: hash() };
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
