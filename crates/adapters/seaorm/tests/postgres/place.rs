//! A database of its own for each test, on a server that runs already.

use std::sync::atomic::{AtomicU32, Ordering};

use fastauth_seaorm::SqlStore;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement, TransactionTrait};

/// A database with nothing in it.
pub(crate) struct Place {
    url: String,
}

impl Place {
    /// A schema: it is made faster than a database, and as empty.
    pub(crate) async fn new() -> Self {
        let (server, name) = (server(), name());
        let admin = Database::connect(&server).await.unwrap();
        admin.execute_unprepared(&format!("CREATE SCHEMA {name}")).await.unwrap();
        Self { url: format!("{server}?options=-csearch_path%3D{name}") }
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
    std::env::var("FASTAUTH_TEST_POSTGRES")
        .expect("run this through `cargo xtask test`, which starts a server")
}

/// The steps of the plan for a statement that read a whole table. In a table as small as these that
/// would be cheap, so that it is forbidden wherever there is another way.
pub(crate) async fn scans(db: &DatabaseConnection, statement: &Statement) -> Vec<String> {
    let transaction = db.begin().await.unwrap();
    transaction.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
    let explained = Statement { sql: format!("EXPLAIN {}", statement.sql), ..statement.clone() };
    let steps = transaction.query_all_raw(explained).await.unwrap();
    let steps = steps.iter().map(|step| step.try_get::<String>("", "QUERY PLAN").unwrap());
    steps.filter(|step| step.contains("Seq Scan")).collect()
}
