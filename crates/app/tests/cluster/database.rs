//! A database of its own for each test.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as Orm, DatabaseConnection, DatabaseTransaction,
    Statement, TransactionTrait, TryGetable,
};
use tempfile::TempDir;

use crate::engine::Engine;

/// A database with nothing in it.
#[derive(Clone)]
pub(crate) struct Database {
    engine: Engine,
    url: String,
    /// Where the file of a database without a server is.
    _folder: Option<Arc<TempDir>>,
}

impl Database {
    pub(crate) async fn new(engine: Engine) -> Self {
        let name = name();
        let (url, folder) = match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("fastauth.db");
                (format!("sqlite://{}?mode=rwc", file.display()), Some(Arc::new(folder)))
            }
            #[cfg(feature = "test-postgres")]
            Engine::Postgres => {
                let server = server("FASTAUTH_TEST_POSTGRES");
                execute(&server, &format!("CREATE SCHEMA {name}")).await;
                let parameters = format!("options=-csearch_path%3D{name}&application_name={name}");
                (format!("{server}?{parameters}"), None)
            }
            #[cfg(feature = "test-mariadb")]
            Engine::MariaDb => {
                let server = server("FASTAUTH_TEST_MARIADB");
                execute(&server, &format!("CREATE DATABASE {name}")).await;
                (format!("{}/{name}", server.trim_end_matches('/')), None)
            }
        };
        Self { engine, url, _folder: folder }
    }

    /// As `DATABASE_URL` has it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where the server listens, as `host:port`.
    #[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
    pub(crate) fn server(&self) -> &str {
        self.parts().1
    }

    /// The URL by which a program finds the same database through a proxy, which does not know TLS.
    #[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
    pub(crate) fn url_through(&self, port: u16) -> String {
        let (before, _, after) = self.parts();
        let (question, parameter) = match self.engine {
            #[cfg(feature = "test-postgres")]
            Engine::Postgres => ('&', "sslmode=disable"),
            _ => ('?', "ssl-mode=DISABLED"),
        };
        format!("{before}127.0.0.1:{port}{after}{question}{parameter}")
    }

    /// The URL of a server: what is before, is, and is after its host and port.
    #[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
    fn parts(&self) -> (&str, &str, &str) {
        let scheme = self.url.find("://").unwrap() + 3;
        let end = self.url[scheme..].find('/').map_or(self.url.len(), |at| scheme + at);
        let start = self.url[..end].rfind('@').map_or(scheme, |at| at + 1);
        (&self.url[..start], &self.url[start..end], &self.url[end..])
    }

    /// The URL by which a program finds the same database as another user.
    #[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
    pub(crate) fn url_as(&self, user: &str, password: &str) -> String {
        let (_, server, after) = self.parts();
        let scheme = self.url.split("://").next().unwrap_or_default();
        format!("{scheme}://{user}:{password}@{server}{after}")
    }

    /// Makes a user who may look at things.
    #[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
    pub(crate) async fn create_reader(&self, user: &str, password: &str) {
        match self.engine {
            #[cfg(feature = "test-postgres")]
            Engine::Postgres => {
                self.execute(&format!("CREATE ROLE {user} LOGIN PASSWORD '{password}'")).await;
                let schema = self.url.split("search_path%3D").nth(1).unwrap_or_default();
                let schema = schema.split('&').next().unwrap_or_default();
                self.execute(&format!("GRANT USAGE ON SCHEMA {schema} TO {user}")).await;
            }
            #[cfg(feature = "test-mariadb")]
            Engine::MariaDb => {
                let create = format!("CREATE USER '{user}' IDENTIFIED BY '{password}'");
                self.execute(&create).await;
                self.execute(&format!("GRANT SELECT ON *.* TO '{user}'")).await;
            }
            Engine::Sqlite => {}
        }
    }

    /// The URL of a database of another name on the same server.
    #[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
    pub(crate) fn url_of(&self, name: &str) -> String {
        let (before, server, _) = self.parts();
        format!("{before}{server}/{name}")
    }

    #[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
    pub(crate) const fn engine(&self) -> Engine {
        self.engine
    }

    /// Locks every row of a table, until the transaction that is returned ends.
    #[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
    pub(crate) async fn lock(&self, table: &str) -> DatabaseTransaction {
        let stranger = connect(&self.url).await.begin().await.unwrap();
        let rows = format!("SELECT id FROM {table} FOR UPDATE");
        stranger.execute_unprepared(&rows).await.unwrap();
        stranger
    }

    /// Has the server end all other connections to this database, and says how many there were.
    #[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
    pub(crate) async fn end_connections(&self) -> i64 {
        #[cfg(feature = "test-postgres")]
        if self.engine == Engine::Postgres {
            let ended = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                         WHERE pid <> pg_backend_pid() \
                         AND application_name = current_setting('application_name')";
            return self.number(ended).await;
        }
        let others = "FROM information_schema.processlist \
                      WHERE db = DATABASE() AND id <> CONNECTION_ID()";
        let count = self.number(&format!("SELECT COUNT(*) {others}")).await;
        // 1094: it has ended by itself meanwhile.
        let end = format!(
            "BEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR 1094 BEGIN END; \
             FOR other IN (SELECT id {others}) DO KILL other.id; END FOR; END"
        );
        self.execute(&end).await;
        count
    }

    /// Executes a statement as the administrator.
    pub(crate) async fn execute(&self, sql: &str) {
        execute(&self.url, sql).await;
    }

    /// The number that a query is answered with.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.value(sql).await
    }

    /// The text that a query is answered with.
    pub(crate) async fn text(&self, sql: &str) -> String {
        self.value(sql).await
    }

    async fn value<T: TryGetable>(&self, sql: &str) -> T {
        let db = connect(&self.url).await;
        let query = Statement::from_string(db.get_database_backend(), sql);
        let row = db.query_one_raw(query).await.unwrap().unwrap();
        db.close().await.unwrap();
        row.try_get_by_index(0).unwrap()
    }
}

/// A name that no other test uses, in this run or an earlier one.
pub(crate) fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("cluster_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The server to test against, as its administrator.
#[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
#[expect(clippy::disallowed_methods, reason = "this is a setting of the tests, not of the product")]
fn server(variable: &str) -> String {
    let server = std::env::var(variable);
    server.unwrap_or_else(|_| unreachable!("`cargo xtask test` starts a server for this"))
}

async fn execute(url: &str, sql: &str) {
    let db = connect(url).await;
    db.execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    Orm::connect(options).await.unwrap()
}
