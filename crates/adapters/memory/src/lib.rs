//! FastAuth storage in one process, for tests and trials: everything is gone when the program ends.
//!
//! One lock guards all of it, and nothing is awaited while it is held. Whatever a flow does costs
//! the same however much is stored.

mod account;
mod audit;
mod commit;
mod delivery;
mod housekeeping;
mod limit;
mod mail;
mod mailbox;
mod one_time;
mod pending_request;
mod role;
mod session;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use fastauth_domain::{audit::Event, delivery::Suppression, email::EmailKey};
#[cfg(feature = "fault")]
use fastauth_ports::fault::Fault;
use fastauth_ports::{health::CheckHealth, unavailable::Unavailable};

pub use crate::mailbox::Mailbox;
use crate::{
    account::Accounts, audit::AuditTrail, limit::Buckets, mail::Outbox, one_time::OneTimeTokens,
    pending_request::PendingRequests, role::Roles, session::Sessions,
};

/// All of FastAuth's storage ports, in memory. A clone is the same store.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    #[cfg(feature = "fault")]
    fault: Option<Arc<Fault>>,
}

/// What is stored, by slice.
#[derive(Debug, Default)]
struct State {
    pending_requests: PendingRequests,
    accounts: Accounts,
    roles: Roles,
    sessions: Sessions,
    one_time_tokens: OneTimeTokens,
    outbox: Outbox,
    suppressions: HashMap<EmailKey, Suppression>,
    buckets: Buckets,
    audit: AuditTrail,
}

impl MemoryStore {
    /// Every audit event, in the order in which they were stored.
    pub fn audit_events(&self) -> Vec<Event> {
        self.state().audit.events().to_vec()
    }

    /// The same store with a fault that a test injects before each write of a commit.
    #[cfg(feature = "fault")]
    #[must_use]
    pub fn with_fault(self, fault: Arc<Fault>) -> Self {
        Self { fault: Some(fault), ..self }
    }

    /// The state, also after a thread has panicked that held it: nothing panics half way through.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(feature = "fault")]
    fn before_write(&self) -> Result<(), Unavailable> {
        self.fault.as_ref().map_or(Ok(()), |fault| fault.before_write())
    }

    #[cfg(not(feature = "fault"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as with the feature")]
    const fn before_write(&self) -> Result<(), Unavailable> {
        Ok(())
    }
}

#[async_trait]
impl CheckHealth for MemoryStore {
    /// Always succeeds: what is in memory is there.
    async fn check(&self) -> Result<(), Unavailable> {
        Ok(())
    }
}
