//! Looking at what has happened.

mod follower;

use std::sync::Arc;

use fastauth_domain::{
    audit::Event,
    identifier::{AccountId, EventId},
    time::Timestamp,
};
use fastauth_ports::{audit::ReadAudit, clock::Clock, unavailable::Unavailable};

pub use self::follower::Follower;

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

    /// At most so many events about an account, the oldest of them first.
    pub async fn latest_about(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<Event>, Unavailable> {
        let mut events = self.events.events_about(account, None, limit).await?;
        events.reverse();
        Ok(events)
    }

    /// Hears of events from now on.
    pub async fn follow(&self, clock: Arc<dyn Clock>) -> Result<Follower, Unavailable> {
        Follower::start(Arc::clone(&self.events), clock).await
    }

    /// At most so many events that happened at this moment or after it, the oldest first.
    pub async fn since(&self, at: Timestamp, limit: u32) -> Result<Vec<Event>, Unavailable> {
        self.events.events_since(at, limit).await
    }
}
