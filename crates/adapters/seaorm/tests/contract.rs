//! The contract of a store, kept by SQLite in a file and in memory.

#[cfg(test)]
mod tested {
    use std::sync::Arc;

    use async_trait::async_trait;
    use fastauth_domain::audit::Event;
    use fastauth_ports::fault::Fault;
    use fastauth_seaorm::SqlStore;
    use fastauth_testkit::store::{Store, TestedStore};
    use tempfile::TempDir;

    pub(crate) struct Tested {
        store: SqlStore,
        fault: Arc<Fault>,
        /// The folder of the file, if there is one.
        disk: Option<TempDir>,
    }

    impl Tested {
        pub(crate) async fn in_a_file() -> Self {
            let disk = tempfile::tempdir().unwrap();
            Self::open(&url(&disk), Some(disk)).await
        }

        pub(crate) async fn in_memory() -> Self {
            Self::open("sqlite::memory:", None).await
        }

        async fn open(url: &str, disk: Option<TempDir>) -> Self {
            let store = SqlStore::connect(url).await.unwrap();
            store.migrate().await.unwrap();
            let fault = Arc::<Fault>::default();
            Self { store: store.with_fault(Arc::clone(&fault)), fault, disk }
        }
    }

    fn url(disk: &TempDir) -> String {
        format!("sqlite://{}?mode=rwc", disk.path().join("fastauth.db").display())
    }

    #[async_trait]
    impl TestedStore for Tested {
        fn store(&self) -> Arc<dyn Store> {
            Arc::new(self.store.clone())
        }

        async fn beside(&self) -> Arc<dyn Store> {
            match &self.disk {
                Some(disk) => Arc::new(SqlStore::connect(&url(disk)).await.unwrap()),
                None => self.store(),
            }
        }

        fn fault(&self) -> &Fault {
            &self.fault
        }

        async fn audit_events(&self) -> Vec<Event> {
            self.store.audit_events().await.unwrap()
        }
    }
}

#[cfg(test)]
mod file {
    use super::tested::Tested;

    fastauth_testkit::store_contract!(Tested::in_a_file().await);
}

#[cfg(test)]
mod memory {
    use super::tested::Tested;

    fastauth_testkit::store_contract!(Tested::in_memory().await);
}
