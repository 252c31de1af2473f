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

/// After how long a request is attended to late. As long as that is so, none is taken.
const LATE: Duration = Duration::from_mins(1);

impl Bell {
    /// Waits until there is mail.
    pub(crate) async fn mail(&self) {
        self.mail.notified().await;
    }

    /// Waits until there are pending requests.
    pub(crate) async fn requests(&self) {
        self.requests.notified().await;
    }

    /// Notes for how long the request waited that was attended to just now.
    pub(crate) fn waited(&self, wait: Duration) {
        self.is_late.store(wait > LATE, Ordering::Relaxed);
    }

    fn ring(&self, changes: &Changes) {
        if changes.iter().any(|change| matches!(change, Change::Mail(_))) {
            self.mail.notify_one();
        }
        if keeps_request(changes) {
            self.requests.notify_one();
        }
    }
}

fn keeps_request(changes: &Changes) -> bool {
    let keeps =
        |change| matches!(change, &Change::PendingRequest(pending_request::Change::Keep(_)));
    changes.iter().any(keeps)
}

/// A store that rings when it has committed something that waits for a background job, and keeps no
/// request as long as those that were kept have to wait for long.
pub struct RingingStore {
    /// Does the committing.
    pub store: Arc<dyn Commit>,
    /// What it rings.
    pub bell: Bell,
}

#[async_trait]
impl Commit for RingingStore {
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError> {
        if self.bell.is_late.load(Ordering::Relaxed) && keeps_request(changes) {
            let busy = Unavailable::busy("too many requests wait to be attended to");
            return Err(busy.retry_after(LATE).into());
        }
        self.store.commit(changes).await?;
        self.bell.ring(changes);
        Ok(())
    }
}
