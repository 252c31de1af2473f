//! The audit trail: events in the order in which they were stored.

use std::{cmp::Reverse, collections::HashSet};

use async_trait::async_trait;
use fastauth_domain::{
    audit::{Change, Event},
    identifier::{AccountId, EventId},
    time::Timestamp,
    visitor::Origin,
};
use fastauth_ports::{audit::ReadAudit, unavailable::Unavailable};

use crate::{
    MemoryStore, State,
    commit::{Applied, violation},
};

#[derive(Debug, Default)]
pub(crate) struct AuditTrail {
    events: Vec<Event>,
    ids: HashSet<EventId>,
}

#[async_trait]
impl ReadAudit for MemoryStore {
    async fn events_about(
        &self,
        account: AccountId,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, Unavailable> {
        let state = self.state();
        let is_before = |event: &&Event| before.is_none_or(|before| event.id < before);
        let events = state.audit.events.iter().filter(|event| event.account == Some(account));
        let mut events: Vec<_> = events.filter(is_before).collect();
        events.sort_by_key(|event| Reverse(event.id));
        Ok(events.into_iter().take(amount(limit)).cloned().collect())
    }

    async fn events_since(&self, at: Timestamp, limit: u32) -> Result<Vec<Event>, Unavailable> {
        let state = self.state();
        let mut events: Vec<_> = state.audit.events.iter().filter(|event| event.at >= at).collect();
        events.sort_by_key(|event| (event.at, event.id));
        Ok(events.into_iter().take(amount(limit)).cloned().collect())
    }

    async fn latest_events(&self, limit: u32) -> Result<Vec<Event>, Unavailable> {
        let state = self.state();
        let mut events: Vec<_> = state.audit.events.iter().collect();
        events.sort_by_key(|event| Reverse((event.at, event.id)));
        Ok(events.into_iter().take(amount(limit)).cloned().collect())
    }
}

fn amount(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

impl AuditTrail {
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// Removes at most so many of which this is true, and says how many.
    pub(crate) fn remove_where(&mut self, is_dead: impl Fn(&Event) -> bool, limit: usize) -> usize {
        let dead = self.events.extract_if(.., |event| is_dead(event)).take(limit);
        dead.filter(|event| self.ids.remove(&event.id)).count()
    }
}

impl AuditTrail {
    /// Forgets where at most so many events came from that are that old, and says of how many.
    pub(crate) fn forget_origins(&mut self, horizon: Timestamp, limit: usize) -> usize {
        let nowhere = Origin::default();
        let is_old = |event: &&mut Event| event.at <= horizon && event.origin != nowhere;
        let old = self.events.iter_mut().filter(is_old).take(limit);
        old.map(|event| event.origin = Origin::default()).count()
    }
}

impl State {
    pub(crate) fn apply_to_audit(&mut self, change: &Change) -> Applied {
        match change {
            Change::Record(event) => self.record(event),
            Change::Erase(account) => {
                let before = self.audit.events.clone();
                self.audit.remove_where(|event| event.account == Some(*account), usize::MAX);
                Ok(Box::new(move |state| {
                    state.audit.ids = before.iter().map(|event| event.id).collect();
                    state.audit.events = before;
                }))
            }
        }
    }

    fn record(&mut self, event: &Event) -> Applied {
        if !self.audit.ids.insert(event.id) {
            return Err(violation("there is an event of this name"));
        }
        self.audit.events.push(event.clone());
        Ok(Box::new(|state| {
            if let Some(event) = state.audit.events.pop() {
                state.audit.ids.remove(&event.id);
            }
        }))
    }
}
