//! FastAuth storage in SQL, through SeaORM: SQLite today, with statements that every engine takes.
//!
//! No other crate knows SQL. Every change is one statement, and the rows it touched decide whether
//! its expectation held; nothing is read inside a transaction.

mod account;
mod audit;
mod commit;
mod connect;
mod contention;
mod mail;
mod migration;
mod one_time;
mod row;
mod session;
mod sqlite;
#[cfg(feature = "fault")]
mod testing;

use std::sync::Arc;

use async_trait::async_trait;
#[cfg(feature = "fault")]
use fastauth_ports::fault::Fault;
use fastauth_ports::{health::CheckHealth, unavailable::Unavailable};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::{Semaphore, SemaphorePermit};

pub use crate::{connect::ConnectError, migration::SchemaError, sqlite::file_of};

/// How many writes may wait for the writer. At some two thousand writes a second the last of them
/// waits a quarter of a second; more than that is better told to come back.
const WAITING_WRITES: usize = 512;

/// All of FastAuth's storage ports over one SQL database. A clone is the same store.
#[derive(Clone, Debug)]
pub struct SqlStore {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    queue: Arc<Semaphore>,
    #[cfg(feature = "fault")]
    fault: Option<Arc<Fault>>,
}

impl SqlStore {
    /// Opens the database of a URL such as `sqlite://fastauth.db?mode=rwc` or `sqlite::memory:`.
    ///
    /// With `mode=rwc` a missing file is created, for its owner's eyes only. The schema is left as
    /// it is found, and one that a newer program made is refused.
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        let (writer, reader) = sqlite::open(url).await?;
        migration::install(&writer).await?;
        // Whatever is pending may stay so; what is unknown is refused.
        migration::pending(&writer).await?;
        Ok(Self {
            writer,
            reader,
            queue: Arc::new(Semaphore::new(WAITING_WRITES)),
            #[cfg(feature = "fault")]
            fault: None,
        })
    }

    /// Brings the schema to what this program needs, all or nothing, and names what was done. Safe
    /// to call from several programs at once.
    pub async fn migrate(&self) -> Result<Vec<&'static str>, SchemaError> {
        migration::up(&self.writer).await
    }

    /// The migrations that [`migrate`](Self::migrate) would apply, in order.
    pub async fn pending_migrations(&self) -> Result<Vec<&'static str>, SchemaError> {
        migration::pending(&self.reader).await
    }

    /// Closes every connection, of all clones, once it is done with what it is doing.
    pub async fn close(&self) {
        for connection in [&self.reader, &self.writer] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(%error, "a database connection did not close");
            }
        }
    }

    /// A place in the queue for the writer; none is left when writes come faster than they are
    /// done.
    fn queue_up(&self) -> Result<SemaphorePermit<'_>, Unavailable> {
        self.queue.try_acquire().map_err(|_| Unavailable::new("too many writes are waiting"))
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
        match migration::missing(&self.reader).await.map_err(Unavailable::new)?.first() {
            Some(name) => Err(Unavailable::new(format!("migration {name} is not applied"))),
            None => Ok(()),
        }
    }
}
