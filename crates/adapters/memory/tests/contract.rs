//! The contract of every store, kept in memory.

#[cfg(test)]
mod contract {
    use std::sync::Arc;

    use fastauth_domain::audit::Event;
    use fastauth_memory::MemoryStore;
    use fastauth_ports::fault::Fault;
    use fastauth_testkit::{
        store::{Store, TestedStore},
        store_contract,
    };

    struct Tested {
        store: MemoryStore,
        fault: Arc<Fault>,
    }

    #[async_trait::async_trait]
    impl TestedStore for Tested {
        fn store(&self) -> Arc<dyn Store> {
            Arc::new(self.store.clone())
        }

        async fn beside(&self) -> Arc<dyn Store> {
            self.store()
        }

        fn fault(&self) -> &Fault {
            &self.fault
        }

        async fn audit_events(&self) -> Vec<Event> {
            self.store.audit_events()
        }
    }

    fn fresh() -> Tested {
        let fault = Arc::new(Fault::default());
        Tested { store: MemoryStore::default().with_fault(Arc::clone(&fault)), fault }
    }

    store_contract!(fresh());
}
