//! FastAuth storage in SQL, through SeaORM: SQLite, PostgreSQL, MariaDB and MySQL.
//!
//! No other crate knows SQL. Every change is one statement, and the rows it touched decide whether
//! its expectation held; nothing is read inside a transaction.

mod account;
mod audit;
mod commit;
mod connect;
mod delivery;
mod failure;
mod housekeeping;
mod limit;
mod limits;
mod mail;
mod migration;
#[cfg(feature = "mysql")]
mod mysql;
mod one_time;
mod origin;
mod pending_request;
mod pool;
#[cfg(feature = "postgres")]
mod postgres;
mod role;
mod row;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod server;
mod session;
mod sqlite;
mod statement;
#[cfg(feature = "fault")]
mod testing;
mod trust;
mod write;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
#[cfg(feature = "fault")]
use fastauth_ports::fault::Fault;
use fastauth_ports::{health::CheckHealth, unavailable::Unavailable};
use sea_orm::DbErr;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

pub use crate::{
    connect::ConnectError,
    limits::Limits,
    migration::{Pending, SchemaError},
    sqlite::file_of,
};
use crate::{pool::Pool, trust::Trust};

/// How many writes may wait for the writer. At some two thousand writes a second the last of them
/// waits a quarter of a second; more than that is better told to come back.
const WAITING_WRITES: usize = 512;

/// All of FastAuth's storage ports over one SQL database. A clone is the same store.
#[derive(Clone, Debug)]
pub struct SqlStore {
    writer: Pool,
    reader: Pool,
    queue: Arc<Semaphore>,
    limits: Limits,
    /// How long one attempt at something may take.
    patience: Duration,
    trust: Trust,
    #[cfg(feature = "fault")]
    fault: Option<Arc<Fault>>,
}

impl SqlStore {
    /// Opens the database of a URL such as `sqlite://fastauth.db?mode=rwc`, `sqlite::memory:`,
    /// `postgres://user:password@host/database` or `mysql://user:password@host/database`.
    ///
    /// With `mode=rwc` a missing SQLite file is created, for its owner's eyes only. The schema is
    /// left as it is found, and one that a newer program made is refused.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::connect_within(url, &Limits::default()).await
    }

    /// The same, within other limits than the default ones.
    pub async fn connect_within(url: &str, limits: &Limits) -> Result<Self, ConnectError> {
        let trust = Trust::default();
        let (writer, reader) = connect::open(url, limits, &trust).await?;
        // Whatever is pending may stay so; what is unknown is refused.
        migration::pending(&writer.connections()).await?;
        Ok(Self {
            writer,
            reader,
            queue: Arc::new(Semaphore::new(WAITING_WRITES)),
            limits: *limits,
            patience: connect::patience(url, limits),
            trust,
            #[cfg(feature = "fault")]
            fault: None,
        })
    }

    /// Brings the schema to what this program needs, and names what was done. Safe to call from
    /// several programs at once, and again after one was killed.
    pub async fn migrate(&self) -> Result<Vec<&'static str>, SchemaError> {
        let done = migration::up(&self.writer.connections()).await;
        // Time limits may have been lifted for the connection that it was done on.
        self.trust.withdraw();
        done
    }

    /// The migrations that were applied, by name, in order.
    pub async fn applied_migrations(&self) -> Result<Vec<String>, SchemaError> {
        Ok(migration::applied(&self.reader.connections()).await?)
    }

    /// The migrations that [`migrate`](Self::migrate) would apply, in order.
    pub async fn pending_migrations(&self) -> Result<Vec<Pending>, SchemaError> {
        migration::pending(&self.reader.connections()).await
    }

    /// Closes every connection, of all clones, once it is done with what it is doing; one whose server
    /// does not answer any more is left as it is.
    pub async fn close(&self) {
        for pool in [&self.reader, &self.writer] {
            match timeout(self.patience, pool.connections().close()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a database connection did not close"),
                Err(_) => tracing::warn!("a database connection did not close in time"),
            }
        }
    }

    /// A place in the queue for the writer; none is left when writes come faster than they are
    /// done.
    fn queue_up(&self) -> Result<SemaphorePermit<'_>, Unavailable> {
        self.queue.try_acquire().map_err(|_| Unavailable::busy("too many writes are waiting"))
    }

    #[cfg(feature = "fault")]
    fn before_write(&self) -> Result<(), DbErr> {
        let Some(fault) = &self.fault else { return Ok(()) };
        fault.before_write().map_err(|injected| DbErr::Custom(injected.to_string()))
    }

    #[cfg(not(feature = "fault"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as with the feature")]
    const fn before_write(&self) -> Result<(), DbErr> {
        Ok(())
    }
}

#[async_trait]
impl CheckHealth for SqlStore {
    async fn check(&self) -> Result<(), Unavailable> {
        let rows = self.rows_of(migration::names(self.reader.backend())).await;
        let applied = rows.and_then(|rows| migration::names_of(&rows)).map_err(Unavailable::new)?;
        match migration::missing(&applied) {
            Some(name) => Err(Unavailable::new(format!("migration {name} is not applied"))),
            None => Ok(()),
        }
    }
}
