//! A database of its own for each test: a file.

use std::path::{Path, PathBuf};

use fastauth_seaorm::SqlStore;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use tempfile::TempDir;

/// A folder with a database file in it.
pub(crate) struct Place(TempDir);

impl Place {
    #[expect(clippy::unused_async, reason = "where there is a server, it is asked")]
    pub(crate) async fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder().join("fastauth.db")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}?mode=rwc", self.file().display())
    }

    /// A store as a program opens it when it starts.
    pub(crate) async fn store(&self) -> SqlStore {
        let store = SqlStore::connect(&self.url()).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// Somebody else at the same file.
    pub(crate) async fn stranger(&self) -> DatabaseConnection {
        Database::connect(self.url()).await.unwrap()
    }
}

/// The steps of the plan for a statement that read a whole table.
pub(crate) async fn scans(db: &DatabaseConnection, statement: &Statement) -> Vec<String> {
    let explained =
        Statement { sql: format!("EXPLAIN QUERY PLAN {}", statement.sql), ..statement.clone() };
    let steps = db.query_all_raw(explained).await.unwrap();
    let steps = steps.iter().map(|step| step.try_get::<String>("", "detail").unwrap());
    let is_search = |step: &String| step.starts_with("SEARCH") && step.contains("USING");
    // What was found is put in order, and looked through, where an account has too many sessions.
    let is_of_found = |step: &String| {
        let parts = ["LIST SUBQUERY", "CO-ROUTINE kept", "MATERIALIZE kept", "SCAN kept"];
        let sorts = statement.sql.contains("kept") && step.starts_with("USE TEMP B-TREE");
        sorts || parts.iter().any(|part| step.starts_with(part))
    };
    steps.filter(|step| !is_search(step) && !is_of_found(step)).collect()
}
