//! Looking at what has happened.

use std::sync::Arc;

use fastauth_domain::{
    audit::Event,
    identifier::{AccountId, EventId},
    time::Timestamp,
};
use fastauth_ports::{audit::ReadAudit, unavailable::Unavailable};

/// How many events are given at once, at most.
const MOST: u32 = 100;

/// Shows the audit trail.
pub struct AuditTrail {
    /// Finds the events.
    pub events: Arc<dyn ReadAudit>,
}

impl AuditTrail {
    /// At most so many events about an account, and never more than a hundred, the newest first: those
    /// before an event if one is given.
    pub async fn about(
        &self,
        account: AccountId,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, Unavailable> {
        self.events.events_about(account, before, limit.min(MOST)).await
    }

    /// At most so many events, the oldest of them first.
    pub async fn latest(&self, limit: u32) -> Result<Vec<Event>, Unavailable> {
        let mut events = self.events.latest_events(limit).await?;
        events.reverse();
        Ok(events)
    }

    /// At most so many events that happened at this moment or after it, the oldest first.
    pub async fn since(&self, at: Timestamp, limit: u32) -> Result<Vec<Event>, Unavailable> {
        self.events.events_since(at, limit).await
    }
}
