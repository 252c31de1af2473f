//! What a store adapter brings along to be tested.

use std::sync::Arc;

use async_trait::async_trait;
use fastauth_domain::audit::Event;
use fastauth_ports::{
    accounts::ReadAccounts,
    audit::ReadAudit,
    commit::Commit,
    deliveries::{ReadDeliveries, RepairOutbox},
    fault::Fault,
    housekeeping::RemoveRemains,
    limits::LimitAttempts,
    mail::ClaimMail,
    one_time::ReadOneTimeTokens,
    pending_requests::ReadPendingRequests,
    roles::ReadRoles,
    sessions::ReadSessions,
};

/// The ports of a whole store. Whatever implements them is one.
pub trait Store:
    Commit
    + ReadAccounts
    + ReadRoles
    + ReadSessions
    + ReadOneTimeTokens
    + ReadPendingRequests
    + ReadAudit
    + ClaimMail
    + RemoveRemains
    + LimitAttempts
    + ReadDeliveries
    + RepairOutbox
{
}

impl<S> Store for S where
    S: Commit
        + ReadAccounts
        + ReadRoles
        + ReadSessions
        + ReadOneTimeTokens
        + ReadPendingRequests
        + ReadAudit
        + ClaimMail
        + RemoveRemains
        + LimitAttempts
        + ReadDeliveries
        + RepairOutbox
{
}

/// A store under test, and what a test must see or do that no port offers.
///
/// It owns whatever the store needs for as long as the test lasts, such as a folder on disk.
#[async_trait]
pub trait TestedStore: Send + Sync {
    /// The store, empty at first; the same one each time.
    fn store(&self) -> Arc<dyn Store>;

    /// The same data as another instance of the program sees it: through connections of its own
    /// where there are connections, else through a clone.
    async fn beside(&self) -> Arc<dyn Store>;

    /// The fault that [`store`](Self::store) asks before each single write of a commit.
    fn fault(&self) -> &Fault;

    /// Every audit event that is stored, in any order.
    async fn audit_events(&self) -> Vec<Event>;
}
