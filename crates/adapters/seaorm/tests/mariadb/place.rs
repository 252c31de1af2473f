//! A database of its own for each test, on a server that runs already.

use std::sync::atomic::{AtomicU32, Ordering};

use fastauth_seaorm::SqlStore;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement};

/// A database with nothing in it.
pub(crate) struct Place {
    url: String,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let (server, name) = (server(), name());
        let admin = Database::connect(&server).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        Self { url: format!("{}/{name}", server.trim_end_matches('/')) }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// A store as a program opens it when it starts.
    pub(crate) async fn store(&self) -> SqlStore {
        let store = SqlStore::connect(&self.url()).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// Somebody else at the same database.
    pub(crate) async fn stranger(&self) -> DatabaseConnection {
        Database::connect(self.url()).await.unwrap()
    }
}

/// A name that no other test uses, in this run or an earlier one.
fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The server to test against, as its administrator.
#[expect(clippy::disallowed_methods, reason = "this is a setting of the tests, not of the product")]
pub(crate) fn server() -> String {
    std::env::var("FASTAUTH_TEST_MARIADB")
        .expect("run this through `cargo xtask test`, which starts a server")
}

/// The steps of the plan for a statement that have no index to go by. In a table as small as these
/// the index may be passed over, so that what counts is that there is one.
pub(crate) async fn scans(db: &DatabaseConnection, statement: &Statement) -> Vec<String> {
    if statement.sql.starts_with("INSERT") {
        return Vec::new();
    }
    let explained = Statement { sql: format!("EXPLAIN {}", statement.sql), ..statement.clone() };
    let steps = db.query_all_raw(explained).await.unwrap();
    let text = |step: &QueryResult, column| step.try_get::<Option<String>>("", column).unwrap();
    let reads_all = |step: &&QueryResult| {
        text(step, "type").as_deref() == Some("ALL") && text(step, "possible_keys").is_none()
    };
    steps.iter().filter(reads_all).map(|step| format!("{:?}", text(step, "table"))).collect()
}
