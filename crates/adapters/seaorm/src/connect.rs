//! Opening the database of a URL, and why it failed, in sentences for the person who starts the
//! program.
//!
//! Nothing here repeats the URL: that of a database server holds a password.

use std::{io, path::PathBuf, time::Duration};

use sea_orm::{DbErr, SqlxError};

use crate::{limits::Limits, migration::SchemaError, pool::Pool, sqlite, trust::Trust};

/// Why [`SqlStore::connect`](crate::SqlStore::connect) failed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is of no database that this program knows.
    #[error(
        "the database URL must be like sqlite://fastauth.db?mode=rwc, \
         postgres://user:password@host/database or mysql://user:password@host/database"
    )]
    UnknownDatabase,
    /// The URL is of an engine that this program was built without.
    #[error("this program was built without support for {engine}: build it with that feature")]
    NotBuilt {
        /// The engine.
        engine: &'static str,
    },
    /// The URL has the right scheme, but the rest of it makes no sense.
    #[error("the database URL cannot be used: {reason}")]
    InvalidUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// There is no file, and the URL does not say that it may be created.
    #[error(
        "the database file {} does not exist; to create it, end the database URL with ?mode=rwc",
        path.display()
    )]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be created, because its folder is not there.
    #[error(
        "the folder {} for the database file does not exist; create it, or change the database URL",
        folder.display()
    )]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// The file can be neither created nor opened for writing.
    #[error(
        "the database file {} cannot be written: {cause}; allow it, or change the database URL",
        path.display()
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The file holds something else.
    #[error("the file {} is not a SQLite database; change the database URL", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The database refused to be opened.
    #[error(
        "the database {} cannot be opened ({cause}); see that nobody else locks it and that its \
         folder can be written",
        path.display()
    )]
    NotOpened {
        /// The file.
        path: PathBuf,
        /// What the database said.
        cause: DbErr,
    },
    /// The server cannot be connected to.
    #[error("{engine} at {host} cannot be connected to ({cause}): {advice}")]
    NotConnected {
        /// The engine.
        engine: &'static str,
        /// Where it should be.
        host: String,
        /// What happened.
        cause: SqlxError,
        /// What to do.
        advice: &'static str,
    },
    /// The server is on another machine, and anybody on the way may read and write.
    #[error(
        "the database server {host} is on another machine, and the database URL has neither a \
         password nor TLS; give it both: a password, and ?{parameter} at its end"
    )]
    Unprotected {
        /// Where it is.
        host: String,
        /// What to add.
        parameter: &'static str,
    },
    /// The server is of a version that lacks what is needed.
    #[error("the database server is too old: {needed} is needed")]
    TooOld {
        /// Which versions would do.
        needed: &'static str,
    },
    /// The database is open, but its schema is not one to work with.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// The connections to write with and to read with.
pub(crate) async fn open(
    url: &str,
    limits: &Limits,
    trust: &Trust,
) -> Result<(Pool, Pool), ConnectError> {
    let server = match Scheme::of(url) {
        Scheme::Sqlite => return sqlite::open(url, limits).await,
        Scheme::Postgres => postgres(url, limits, trust).await?,
        Scheme::MySql => mysql(url, limits, trust).await?,
        Scheme::Unknown => return Err(ConnectError::UnknownDatabase),
    };
    Ok((server.clone(), server))
}

/// How long one attempt at something may take, the wait for a connection included.
pub(crate) fn patience(url: &str, limits: &Limits) -> Duration {
    match Scheme::of(url) {
        // A writer waits for its turn, and then for a writer of another process.
        Scheme::Sqlite => 2 * sqlite::WRITER_PATIENCE + limits.statement,
        Scheme::Postgres | Scheme::MySql | Scheme::Unknown => limits.acquire + limits.statement,
    }
}

enum Scheme {
    Sqlite,
    Postgres,
    MySql,
    Unknown,
}

impl Scheme {
    fn of(url: &str) -> Self {
        match url.split_once(':').map_or("", |(scheme, _)| scheme) {
            "sqlite" => Self::Sqlite,
            "postgres" | "postgresql" => Self::Postgres,
            "mysql" | "mariadb" => Self::MySql,
            _ => Self::Unknown,
        }
    }
}

#[cfg(feature = "postgres")]
use crate::postgres::open as postgres;

#[cfg(not(feature = "postgres"))]
async fn postgres(_: &str, _: &Limits, _: &Trust) -> Result<Pool, ConnectError> {
    Err(ConnectError::NotBuilt { engine: "PostgreSQL" })
}

#[cfg(feature = "mysql")]
use crate::mysql::open as mysql;

#[cfg(not(feature = "mysql"))]
async fn mysql(_: &str, _: &Limits, _: &Trust) -> Result<Pool, ConnectError> {
    Err(ConnectError::NotBuilt { engine: "MariaDB and MySQL" })
}

impl ConnectError {
    /// The URL of a server cannot be read. What is wrong is not said: it may be the password.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn malformed() -> Self {
        let reason = "it must be like postgres://user:password@host:5432/database, with special \
                      characters of the password percent-encoded";
        Self::InvalidUrl { reason: reason.to_owned() }
    }
}
