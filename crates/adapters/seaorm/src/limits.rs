//! What a store may take of its database, in connections and in time.

use std::time::Duration;

/// How many connections a store opens, and how long it waits for them and for their answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections of one instance to a database server, at least 1; everything works with 1. Of a
    /// SQLite file, the connections that read: one more writes.
    pub connections: u32,
    /// How long a statement waits for a connection.
    pub acquire: Duration,
    /// How long a statement may take, a lock it waits for included.
    pub statement: Duration,
    /// Whether connections keep their prepared statements. A pooler that gives each transaction to
    /// another connection of its own (PgBouncer before 1.21) needs this off.
    pub cache_statements: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10,
            acquire: Duration::from_secs(2),
            statement: Duration::from_secs(3),
            cache_statements: true,
        }
    }
}
