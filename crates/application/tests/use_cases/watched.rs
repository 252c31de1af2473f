//! A store that writes down what it is asked.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use fastauth_domain::{
    account::Account,
    change::{Change, Changes},
    email::EmailKey,
    identifier::{AccountId, RequestId, SessionId},
    limit::{Bucket, Reached},
    pending_request::PendingRequest,
    session::{Session, SignedIn},
    time::Timestamp,
};
use fastauth_memory::MemoryStore;
use fastauth_ports::{
    accounts::ReadAccounts,
    commit::{Commit, CommitError},
    limits::LimitAttempts,
    pending_requests::ReadPendingRequests,
    sessions::ReadSessions,
    unavailable::Unavailable,
};

/// A store that writes down what it is asked.
#[derive(Default)]
pub(crate) struct Watched {
    pub(crate) store: MemoryStore,
    asked: Mutex<Vec<String>>,
}

impl Watched {
    /// What it was asked since it was last looked.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, asked: impl Into<String>) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked.into());
    }
}

#[async_trait]
impl ReadAccounts for Watched {
    async fn with_email(&self, key: &EmailKey) -> Result<Option<Account>, Unavailable> {
        self.note("account with an address");
        self.store.with_email(key).await
    }

    async fn with_id(&self, id: AccountId) -> Result<Option<Account>, Unavailable> {
        self.note("account of a name");
        self.store.with_id(id).await
    }

    async fn accounts(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, Unavailable> {
        self.note("accounts");
        self.store.accounts(after, limit).await
    }
}

#[async_trait]
impl ReadSessions for Watched {
    async fn session(&self, id: SessionId) -> Result<Option<SignedIn>, Unavailable> {
        self.note("session");
        self.store.session(id).await
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<Session>, Unavailable> {
        self.note("sessions of an account");
        self.store.sessions_of(account, limit).await
    }
}

#[async_trait]
impl LimitAttempts for Watched {
    async fn attempt(
        &self,
        buckets: &[Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Reached>, Unavailable> {
        self.note(format!("attempt in {} buckets", buckets.len()));
        self.store.attempt(buckets, now).await
    }
}

#[async_trait]
impl ReadPendingRequests for Watched {
    async fn pending(
        &self,
        after: Option<RequestId>,
        limit: u32,
    ) -> Result<Vec<PendingRequest>, Unavailable> {
        self.note("pending requests");
        self.store.pending(after, limit).await
    }

    async fn pending_registration(
        &self,
        address: &EmailKey,
    ) -> Result<Option<PendingRequest>, Unavailable> {
        self.note("pending registration of an address");
        self.store.pending_registration(address).await
    }
}

#[async_trait]
impl Commit for Watched {
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError> {
        let rows: Vec<_> = changes.iter().map(name).collect();
        self.note(format!("commit of {}", rows.join(", ")));
        // As with a database, others go on between what was read and this.
        tokio::task::yield_now().await;
        self.store.commit(changes).await
    }
}

/// What sort of row a change writes.
fn name(change: &Change) -> &'static str {
    match change {
        Change::PendingRequest(_) => "pending request",
        Change::Account(_) => "account",
        Change::Role(_) => "role",
        Change::Session(_) => "session",
        Change::OneTime(_) => "one-time token",
        Change::Mail(_) => "mail",
        Change::Delivery(_) => "delivery",
        Change::Limit(_) => "limit",
        Change::Audit(_) => "event",
    }
}
