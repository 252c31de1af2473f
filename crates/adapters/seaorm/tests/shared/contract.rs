//! The contract of a store.

use std::sync::Arc;

use async_trait::async_trait;
use fastauth_domain::audit::Event;
use fastauth_ports::fault::Fault;
use fastauth_seaorm::SqlStore;
use fastauth_testkit::store::{Store, TestedStore};

use crate::place::Place;

struct Tested {
    place: Place,
    store: SqlStore,
    fault: Arc<Fault>,
}

impl Tested {
    async fn new() -> Self {
        let place = Place::new().await;
        let fault = Arc::<Fault>::default();
        let store = place.store().await.with_fault(Arc::clone(&fault));
        Self { place, store, fault }
    }
}

#[async_trait]
impl TestedStore for Tested {
    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.store.clone())
    }

    async fn beside(&self) -> Arc<dyn Store> {
        Arc::new(SqlStore::connect(&self.place.url()).await.unwrap())
    }

    fn fault(&self) -> &Fault {
        &self.fault
    }

    async fn audit_events(&self) -> Vec<Event> {
        self.store.audit_events().await.unwrap()
    }
}

fastauth_testkit::store_contract!(Tested::new().await);
