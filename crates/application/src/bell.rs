//! Telling background jobs of this instance at once that there is something to do, and those who give
//! them more that they are behind.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use fastauth_domain::{
    change::{Change, Changes},
    pending_request,
};
use fastauth_ports::{
    commit::{Commit, CommitError},
    unavailable::Unavailable,
};
use tokio::sync::Notify;

/// Rung when this instance has stored something that waits for a background job. What another instance
/// has stored is found by looking every few seconds.
#[derive(Clone, Debug, Default)]
pub struct Bell {
    mail: Arc<Notify>,
    requests: Arc<Notify>,
    is_late: Arc<AtomicBool>,
}

/// When whoever is not to ask for anything may ask again.
const RETRY_AFTER: Duration = Duration::from_mins(1);

impl Bell {
    /// Waits until there is mail.
    pub(crate) async fn mail(&self) {
        self.mail.notified().await;
    }

    /// Waits until there are pending requests.
    pub(crate) async fn requests(&self) {
        self.requests.notified().await;
    }

    /// Notes whether more requests wait, and for longer, than are attended to in time.
    pub(crate) fn note_late(&self, is_late: bool) {
        self.is_late.store(is_late, Ordering::Relaxed);
    }

    /// Whether one more request would be attended to in time. To be asked before anything is done for it:
    /// what is not taken then costs nothing.
    pub(crate) fn admit(&self) -> Result<(), Unavailable> {
        if self.is_late.load(Ordering::Relaxed) {
            let busy = Unavailable::busy("too many requests wait to be attended to");
            return Err(busy.retry_after(RETRY_AFTER));
        }
        Ok(())
    }

    fn ring(&self, changes: &Changes) {
        if changes.iter().any(|change| matches!(change, Change::Mail(_))) {
            self.mail.notify_one();
        }
        let keeps = |it| matches!(it, &Change::PendingRequest(pending_request::Change::Keep(_)));
        if changes.iter().any(keeps) {
            self.requests.notify_one();
        }
    }
}

/// A store that rings when it has committed something that waits for a background job.
pub struct RingingStore {
    /// Does the committing.
    pub store: Arc<dyn Commit>,
    /// What it rings.
    pub bell: Bell,
}

#[async_trait]
impl Commit for RingingStore {
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError> {
        self.store.commit(changes).await?;
        self.bell.ring(changes);
        Ok(())
    }
}
