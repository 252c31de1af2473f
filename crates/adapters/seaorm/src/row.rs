//! What the slices share in reading rows.

use sea_orm::prelude::Uuid;

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
