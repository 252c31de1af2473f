//! Telling background jobs of this instance at once that there is something to do.

use std::sync::Arc;

use async_trait::async_trait;
use fastauth_domain::{
    change::{Change, Changes},
    pending_request,
};
use fastauth_ports::commit::{Commit, CommitError};
use tokio::sync::Notify;

/// Rung when this instance has stored something that waits for a background job. What another instance
/// has stored is found by looking every few seconds.
#[derive(Clone, Debug, Default)]
pub struct Bell {
    mail: Arc<Notify>,
    requests: Arc<Notify>,
}

impl Bell {
    /// Waits until there is mail.
    pub(crate) async fn mail(&self) {
        self.mail.notified().await;
    }

    /// Waits until there are pending requests.
    pub(crate) async fn requests(&self) {
        self.requests.notified().await;
    }

    fn ring(&self, changes: &Changes) {
        if changes.iter().any(|change| matches!(change, Change::Mail(_))) {
            self.mail.notify_one();
        }
        let is_kept =
            |change| matches!(change, &Change::PendingRequest(pending_request::Change::Keep(_)));
        if changes.iter().any(is_kept) {
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
