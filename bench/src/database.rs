//! A database of its own for each number of people, which goes with the benchmark.

use std::{env, path::Path, process::Stdio};

use clap::ValueEnum;
use sea_orm::{ConnectOptions, ConnectionTrait, Database as Connect, DatabaseConnection};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    Failure,
    people::{People, SECRET_KEY},
    progress::Progress,
    rows,
};

/// People in one transaction.
const BATCH: usize = 1_000;

/// Where the server that is measured stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
    Mariadb,
    Memory,
}

impl Store {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mariadb => "MariaDB",
            Self::Memory => "memory",
        }
    }

    /// What names the server of this store.
    const fn variable(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some("FASTAUTH_TEST_POSTGRES"),
            Self::Mariadb => Some("FASTAUTH_TEST_MARIADB"),
            Self::Sqlite | Self::Memory => None,
        }
    }

    /// What an engine does by itself some time after so much was stored.
    const fn settling(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &["PRAGMA wal_checkpoint(TRUNCATE)"],
            Self::Postgres => &["VACUUM (ANALYZE)", "CHECKPOINT"],
            Self::Mariadb => &["ANALYZE TABLE account, session, audit_event, outbox"],
            Self::Memory => &[],
        }
    }
}

/// A new database, on a server or in a folder.
pub(crate) struct Database {
    store: Store,
    pub(crate) url: String,
    on_server: Option<OnServer>,
    /// Removed when this is dropped.
    _folder: Option<TempDir>,
}

struct OnServer {
    administrator: String,
    name: String,
}

impl Database {
    /// Makes one for so many people; nothing is in it yet.
    pub(crate) async fn create(store: Store, people: usize) -> Result<Self, Failure> {
        let Some(variable) = store.variable() else {
            let folder = TempDir::new()?;
            let url = format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display());
            return Ok(Self { store, url, on_server: None, _folder: Some(folder) });
        };
        let administrator = server(variable)?;
        let name = format!("fastauth_bench_{}_{people}", std::process::id());
        let (base, _) = administrator.rsplit_once('/').ok_or("the server's URL has no path")?;
        let url = format!("{base}/{name}");
        let on_server = OnServer { administrator, name };
        on_server.say(&format!("CREATE DATABASE {}", on_server.name)).await?;
        Ok(Self { store, url, on_server: Some(on_server), _folder: None })
    }

    /// Stores the people, by the schema that the server makes.
    pub(crate) async fn seed(&self, server: &Path, people: &People) -> Result<(), Failure> {
        self.migrate(server).await?;
        let db = connect(&self.url).await?;
        let mut progress = Progress::of("seeding", people.count);
        for start in (0..people.count).step_by(BATCH) {
            let batch: Result<Vec<_>, _> =
                (start..people.count.min(start + BATCH)).map(|it| people.person(it)).collect();
            rows::insert(&db, &batch?).await?;
            progress.at(start + BATCH);
        }
        db.close().await?;
        self.settle().await
    }

    /// Has done at once what the engine would do by itself in a while.
    pub(crate) async fn settle(&self) -> Result<(), Failure> {
        let db = connect(&self.url).await?;
        for statement in self.store.settling() {
            db.execute_unprepared(statement).await?;
        }
        Ok(db.close().await?)
    }

    async fn migrate(&self, server: &Path) -> Result<(), Failure> {
        let mut migrate = Command::new(server.canonicalize()?);
        migrate.arg("migrate").env("DATABASE_URL", &self.url).env("SECRET_KEY", SECRET_KEY);
        let status = migrate.stdout(Stdio::null()).status().await?;
        if status.success() { Ok(()) } else { Err(format!("migrating failed: {status}").into()) }
    }

    /// Removes it, whoever may still be connected.
    pub(crate) async fn remove(self) -> Result<(), Failure> {
        let Some(on_server) = self.on_server else { return Ok(()) };
        let force = if self.store == Store::Postgres { " WITH (FORCE)" } else { "" };
        on_server.say(&format!("DROP DATABASE {}{force}", on_server.name)).await
    }
}

impl OnServer {
    async fn say(&self, statement: &str) -> Result<(), Failure> {
        let db = connect(&self.administrator).await?;
        db.execute_unprepared(statement).await?;
        Ok(db.close().await?)
    }
}

/// One connection: seeding waits for the disk, and not for a turn.
async fn connect(url: &str) -> Result<DatabaseConnection, Failure> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Ok(Connect::connect(options).await?)
}

#[expect(clippy::disallowed_methods, reason = "this is a setting of the benchmark alone")]
fn server(variable: &str) -> Result<String, Failure> {
    env::var(variable).map_err(|_| {
        format!("{variable} names no server; `cargo xtask bench --store` starts one").into()
    })
}
