//! What the slices share in reading rows, and in reading errors.

use std::borrow::Cow;

use sea_orm::{DbErr, RuntimeErr, prelude::Uuid};

/// A row that this program never writes. It is refused, not repaired: somebody else wrote it, or
/// the storage is damaged.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("impossible row {id} in table {table}: see its column {column}")]
pub(crate) struct ImpossibleRow {
    /// Its table.
    pub(crate) table: &'static str,
    /// What is wrong with it. The value is not repeated: it may be private.
    pub(crate) column: &'static str,
    /// Which one.
    pub(crate) id: Uuid,
}

/// The code that the database itself gave an error, if it answered at all: an SQLSTATE, or the
/// extended result code of SQLite.
pub(crate) fn driver_code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    cause.as_database_error()?.code().map(Cow::into_owned)
}
