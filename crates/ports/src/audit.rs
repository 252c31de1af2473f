//! Reading the audit trail.

use async_trait::async_trait;
use fastauth_domain::{
    audit::Event,
    identifier::{AccountId, EventId},
    time::Timestamp,
};

use crate::unavailable::Unavailable;

/// Finds audit events. What was committed before the call is seen.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReadAudit: Send + Sync {
    /// At most so many events about an account, the newest first: those before an event if one is given.
    async fn events_about(
        &self,
        account: AccountId,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, Unavailable>;

    /// At most so many events that happened at this moment or after it, the oldest first.
    async fn events_since(&self, at: Timestamp, limit: u32) -> Result<Vec<Event>, Unavailable>;

    /// At most so many events, the newest first.
    async fn latest_events(&self, limit: u32) -> Result<Vec<Event>, Unavailable>;
}
