//! The audit trail: events in the order in which they were stored.

use std::collections::HashSet;

use fastauth_domain::{audit::Event, identifier::EventId};

use crate::{
    State,
    commit::{Applied, violation},
};

#[derive(Debug, Default)]
pub(crate) struct AuditTrail {
    events: Vec<Event>,
    ids: HashSet<EventId>,
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

impl State {
    pub(crate) fn keep(&mut self, event: &Event) -> Applied {
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
