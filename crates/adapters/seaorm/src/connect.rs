//! Why a database could not be opened, in sentences for the person who starts the program.
//!
//! Nothing here repeats the URL: that of a database server holds a password.

use std::{io, path::PathBuf};

use sea_orm::DbErr;

use crate::migration::SchemaError;

/// Why [`SqlStore::connect`](crate::SqlStore::connect) failed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is of no database that this program knows.
    #[error("the database URL must start with `sqlite:`, as in sqlite://fastauth.db?mode=rwc")]
    UnknownDatabase,
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
    /// The database is open, but its schema is not one to work with.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}
