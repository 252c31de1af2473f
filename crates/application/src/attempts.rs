//! Committing a decision, and deciding again when somebody else was faster.

use fastauth_domain::change::{Conflict, Decision};
use fastauth_ports::{
    commit::{Commit, CommitError},
    unavailable::Unavailable,
};

/// How often a use case reads and decides again before it gives up. Each conflict means that another
/// caller got something done, so that running out of these takes a crowd.
const MOST: u32 = 8;

/// Counts how often one call of a use case has been overtaken.
#[derive(Default)]
pub(crate) struct Attempts(u32);

impl Attempts {
    /// Commits a decision and gives its answer; `None` if an expectation no longer held, so that the
    /// caller is to read and decide again.
    pub(crate) async fn commit<A>(
        &mut self,
        store: &dyn Commit,
        decision: Decision<A>,
    ) -> Result<Option<A>, Unavailable> {
        if decision.changes.is_empty() {
            return Ok(Some(decision.answer));
        }
        match store.commit(&decision.changes).await {
            Ok(()) => Ok(Some(decision.answer)),
            Err(CommitError::Unavailable(unavailable)) => Err(unavailable),
            Err(CommitError::Conflict(conflict)) => self.overtaken(conflict).map(|()| None),
        }
    }

    fn overtaken(&mut self, conflict: Conflict) -> Result<(), Unavailable> {
        self.0 += 1;
        if self.0 < MOST { Ok(()) } else { Err(Unavailable::new(conflict)) }
    }
}
