//! What kind of failure an error of the database is, and waiting out those that pass.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxError};
use tokio::time::{Instant, sleep};

/// How often the same thing is tried again.
const REPLAYS: u32 = 6;
/// After this long it is not tried again, however often it was.
const LIMIT: Duration = Duration::from_secs(5);

/// What to make of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Other writers got in the way: the database undid the work, and the same may well succeed a
    /// moment later.
    Contention,
    /// The connection is gone, or leads to a server that no longer takes writes. A new one may do.
    Lost,
    /// Trying again would not help.
    Lasting,
}

impl Failure {
    pub(crate) fn of(error: &DbErr) -> Self {
        match sqlx_error(error) {
            Some(SqlxError::Database(_)) => {
                code(error).map_or(Self::Lasting, |code| code.failure())
            }
            Some(SqlxError::Io(_) | SqlxError::Protocol(_) | SqlxError::WorkerCrashed) => {
                Self::Lost
            }
            Some(_) | None => Self::Lasting,
        }
    }
}

/// Whether a row was refused because its key is taken.
pub(crate) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether a row was refused because what it belongs to is not there.
pub(crate) fn is_orphaned(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_)))
}

/// Whether it was the database that refused, or the pool before anything was said.
pub(crate) fn is_answer(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(_)) || code(error).is_some()
}

/// The code that the database itself gave an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The extended result code of SQLite.
    Sqlite(u32),
    /// The SQLSTATE of PostgreSQL.
    State(String),
    /// The number of MariaDB and MySQL, whose SQLSTATE is often the general one.
    Number(u16),
}

impl Code {
    fn failure(&self) -> Failure {
        match self {
            // The low byte is 5 for "busy" and 6 for "locked".
            Self::Sqlite(code) if matches!(code & 0xff, 5 | 6) => Failure::Contention,
            Self::Sqlite(_) => Failure::Lasting,
            Self::State(state) => match state.as_str() {
                // Serialization failure, deadlock, lock not available.
                "40001" | "40P01" | "55P03" => Failure::Contention,
                // Read-only transaction; shutdown, crash, not yet ready; idle in a transaction.
                "25006" | "57P01" | "57P02" | "57P03" | "25P03" => Failure::Lost,
                _ if state.starts_with("08") => Failure::Lost,
                _ => Failure::Lasting,
            },
            Self::Number(number) => match number {
                // Deadlock (and, with Galera, a refused certification), lock wait timeout, and a
                // row that moved under a snapshot.
                1213 | 1205 | 1020 => Failure::Contention,
                // Not part of its cluster, shutting down, killed, and four ways to be read-only.
                1047 | 1053 | 1077 | 1080 | 1927 | 1290 | 1792 | 1836 => Failure::Lost,
                _ => Failure::Lasting,
            },
        }
    }
}

/// The code of an error, if the database answered at all.
pub(crate) fn code(error: &DbErr) -> Option<Code> {
    let answer = sqlx_error(error)?.as_database_error()?;
    #[cfg(feature = "mysql")]
    if let Some(error) = answer.try_downcast_ref::<sea_orm::SqlxMySqlError>() {
        return Some(Code::Number(error.number()));
    }
    let code = answer.code()?;
    if answer.try_downcast_ref::<sea_orm::SqlxSqliteError>().is_some() {
        return code.parse().ok().map(Code::Sqlite);
    }
    Some(Code::State(code.into_owned()))
}

fn sqlx_error(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// How much patience is left for failures that pass.
#[derive(Debug)]
pub(crate) struct Patience {
    since: Instant,
    replays: u32,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), replays: 0 }
    }

    /// Pauses if the same is worth trying again, and gives the error back if it is not.
    pub(crate) async fn wait_out(&mut self, error: DbErr) -> Result<(), DbErr> {
        let is_over = self.replays == REPLAYS || self.since.elapsed() > LIMIT;
        if is_over || Failure::of(&error) == Failure::Lasting {
            return Err(error);
        }
        self.replays += 1;
        sleep(pause(self.replays)).await;
        Ok(())
    }
}

/// A few milliseconds, more with each replay, and different for writers that met each other.
fn pause(replay: u32) -> Duration {
    static PAUSES: AtomicU32 = AtomicU32::new(0);
    let base = 4 << replay;
    let count = PAUSES.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id());
    // Knuth's multiplicative hash keeps neighbouring numbers apart.
    let spread = (count.wrapping_mul(2_654_435_761) >> 16) % base;
    Duration::from_millis(u64::from(base + spread))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn writers_that_met_each_other_pause_differently_but_never_long() {
        let pauses: HashSet<_> = (0..8).map(|_| pause(REPLAYS)).collect();
        assert!(pauses.len() > 1, "{pauses:?}");
        assert!(pauses.iter().all(|pause| pause.as_millis() < 512), "{pauses:?}");
    }

    #[tokio::test]
    async fn what_would_not_pass_is_not_waited_for() {
        assert!(Patience::new().wait_out(DbErr::Custom("no space left".into())).await.is_err());
    }

    #[test]
    fn what_passes_is_known_by_the_code_of_each_engine() {
        let state = |text: &str| Code::State(text.to_owned()).failure();
        assert_eq!(state("40001"), Failure::Contention);
        assert_eq!(state("40P01"), Failure::Contention);
        assert_eq!(state("25006"), Failure::Lost);
        assert_eq!(state("57P01"), Failure::Lost);
        assert_eq!(state("08006"), Failure::Lost);
        assert_eq!(state("57014"), Failure::Lasting);
        assert_eq!(state("42501"), Failure::Lasting);
        let number = |number| Code::Number(number).failure();
        assert_eq!([1213, 1205].map(number), [Failure::Contention; 2]);
        assert_eq!([1047, 1927].map(number), [Failure::Lost; 2]);
        assert_eq!([1062, 1142].map(number), [Failure::Lasting; 2]);
        // SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT, SQLITE_LOCKED; SQLITE_FULL, SQLITE_CONSTRAINT_UNIQUE.
        assert_eq!([5, 517, 6].map(|it| Code::Sqlite(it).failure()), [Failure::Contention; 3]);
        assert_eq!([13, 2067].map(|it| Code::Sqlite(it).failure()), [Failure::Lasting; 2]);
    }
}
