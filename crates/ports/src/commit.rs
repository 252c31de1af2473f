//! The one door for writes.

use async_trait::async_trait;
use fastauth_domain::change::{Changes, Conflict};

use crate::unavailable::Unavailable;

/// Why a list of changes was not committed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// An expectation no longer held. Nothing was written.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The store failed. Nothing is known to be written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Writes what was decided.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Commit: Send + Sync {
    /// Applies every change in order, or none.
    ///
    /// Each change states what it expects; the first whose expectation does not hold undoes the
    /// whole list and is the error. `Ok` means that the list survives a crash of this program, as
    /// far as the store survives one at all. Of any number of lists that expect the same thing and
    /// take it away, one is committed.
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError>;
}
