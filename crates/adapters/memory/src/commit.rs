//! The one door for writes: changes are made in place, and unmade if one of them cannot be.

use async_trait::async_trait;
use fastauth_domain::change::{Change, Changes};
use fastauth_ports::{
    commit::{Commit, CommitError},
    unavailable::Unavailable,
};

use crate::{MemoryStore, State};

/// Unmakes one change, when all later ones have been unmade.
pub(crate) type Undo = Box<dyn FnOnce(&mut State)>;

/// What a change comes to: how to unmake it, or why it was not made.
pub(crate) type Applied = Result<Undo, CommitError>;

#[async_trait]
impl Commit for MemoryStore {
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError> {
        let mut state = self.state();
        let mut made: Vec<Undo> = Vec::new();
        for change in changes {
            match self.apply(&mut state, change) {
                Ok(undo) => made.push(undo),
                Err(error) => {
                    made.into_iter().rev().for_each(|undo| undo(&mut state));
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

impl MemoryStore {
    fn apply(&self, state: &mut State, change: &Change) -> Applied {
        self.before_write()?;
        match change {
            Change::PendingRequest(change) => state.apply_to_pending_requests(change),
            Change::Account(change) => state.apply_to_accounts(change),
            Change::Role(change) => state.apply_to_roles(change),
            Change::Session(change) => state.apply_to_sessions(change),
            Change::OneTime(change) => state.apply_to_one_time_tokens(change),
            Change::Mail(mail) => state.enqueue(mail),
            Change::Delivery(change) => Ok(state.apply_to_deliveries(change)),
            Change::Limit(change) => Ok(state.apply_to_limits(change)),
            Change::Audit(change) => state.apply_to_audit(change),
        }
    }
}

/// What a database refuses as well, by its keys: to store something twice, or to have it belong to
/// nobody. No decision asks for it.
pub(crate) fn violation(reason: &'static str) -> CommitError {
    Unavailable::new(reason).into()
}
