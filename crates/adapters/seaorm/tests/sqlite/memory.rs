//! The contract of a store, kept by a SQLite database in memory.

use std::sync::Arc;

use async_trait::async_trait;
use fastauth_domain::audit::Event;
use fastauth_ports::fault::Fault;
use fastauth_seaorm::SqlStore;
use fastauth_testkit::store::{Store, TestedStore};

struct Tested {
    store: SqlStore,
    fault: Arc<Fault>,
}

impl Tested {
    async fn new() -> Self {
        let store = SqlStore::connect("sqlite::memory:").await.unwrap();
        store.migrate().await.unwrap();
        let fault = Arc::<Fault>::default();
        Self { store: store.with_fault(Arc::clone(&fault)), fault }
    }
}

#[async_trait]
impl TestedStore for Tested {
    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.store.clone())
    }

    /// There is no other way to the same memory.
    async fn beside(&self) -> Arc<dyn Store> {
        self.store()
    }

    fn fault(&self) -> &Fault {
        &self.fault
    }

    async fn audit_events(&self) -> Vec<Event> {
        self.store.audit_events().await.unwrap()
    }
}

fastauth_testkit::store_contract!(Tested::new().await);
