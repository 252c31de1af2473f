//! What a test may do to a store, and see of it, that no port offers.

use std::sync::Arc;

use fastauth_domain::audit::Event;
use fastauth_ports::{fault::Fault, unavailable::Unavailable};
use sea_orm::{EntityTrait, Statement};

use crate::{SchemaError, SqlStore, audit, migration, pool::Pool};

impl SqlStore {
    /// The same store with a fault to inject before each write of a commit.
    #[must_use]
    pub fn with_fault(self, fault: Arc<Fault>) -> Self {
        Self { fault: Some(fault), ..self }
    }

    /// Applies the first so many migrations.
    pub async fn migrate_to(&self, count: usize) -> Result<Vec<&'static str>, SchemaError> {
        migration::up_to(&self.writer.connections(), count).await
    }

    /// The same store, showing every statement it issues.
    #[must_use]
    pub fn watched(mut self, show: impl Fn(&Statement) + Clone + Send + Sync + 'static) -> Self {
        for pool in [&mut self.writer, &mut self.reader] {
            let (show, mut connections) = (show.clone(), pool.connections());
            connections.set_metric_callback(move |info| show(info.statement));
            *pool = Pool::fixed(connections);
        }
        self
    }

    /// The whole audit trail.
    pub async fn audit_events(&self) -> Result<Vec<Event>, Unavailable> {
        let rows = audit::Entity::find()
            .all(&self.reader.connections())
            .await
            .map_err(Unavailable::new)?;
        rows.into_iter().map(|row| Event::try_from(row).map_err(Unavailable::new)).collect()
    }
}
