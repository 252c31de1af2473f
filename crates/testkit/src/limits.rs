//! What an adapter that counts attempts brings along to be tested.

use std::sync::Arc;

use async_trait::async_trait;
use fastauth_domain::{change::Changes, limit::Change};
use fastauth_ports::limits::LimitAttempts;

use crate::store::TestedStore;

/// What counts, under test. Every store does.
///
/// It owns whatever the counting needs for as long as the test lasts.
#[async_trait]
pub trait TestedLimits: Send + Sync {
    /// What counts, and has counted nothing at first; the same each time.
    fn limits(&self) -> Arc<dyn LimitAttempts>;

    /// The same counts as another instance of the program sees them.
    async fn beside(&self) -> Arc<dyn LimitAttempts>;

    /// Takes back what was counted.
    async fn settle(&self, changes: Vec<Change>);
}

#[async_trait]
impl<S: TestedStore> TestedLimits for S {
    fn limits(&self) -> Arc<dyn LimitAttempts> {
        self.store()
    }

    async fn beside(&self) -> Arc<dyn LimitAttempts> {
        TestedStore::beside(self).await
    }

    #[expect(clippy::unwrap_used, reason = "in a test, whatever fails fails it")]
    async fn settle(&self, changes: Vec<Change>) {
        self.store().commit(&Changes::default().with_all(changes)).await.unwrap();
    }
}
