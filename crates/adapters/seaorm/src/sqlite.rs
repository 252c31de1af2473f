//! Opening SQLite: one connection that writes and a few that read.
//!
//! In WAL mode readers never wait for the writer. A second writer would only wait for the first
//! inside SQLite, polling; here it waits in a queue instead.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sea_orm::{
    ConnectOptions, DatabaseConnection, DbErr, SqlxSqliteConnector,
    sqlx::{
        Connection,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use crate::{
    connect::ConnectError,
    failure::{Code, Patience, code},
    limits::Limits,
    pool::Pool,
};

/// How long a write waits for its turn, and then for a writer in another process.
pub(crate) const WRITER_PATIENCE: Duration = Duration::from_secs(5);
/// A connection that was used more recently than this is not tried out before it is used again.
const TRUSTED_FOR: Duration = Duration::from_secs(30);
/// `SQLITE_NOTADB`
const NOT_A_DATABASE: u32 = 26;

/// Opens the database of a `sqlite:` URL: the writer, and the readers.
pub(crate) async fn open(url: &str, limits: &Limits) -> Result<(Pool, Pool), ConnectError> {
    let location = Location::parse(url)?;
    let Location::File { path, may_create } = location else {
        // Another connection would see another, empty database.
        let only = connect(pool(url, 1, WRITER_PATIENCE)).await;
        let only = only.map_err(|error| refused(Path::new(":memory:"), error))?;
        return Ok((Pool::fixed(only.clone()), Pool::fixed(only)));
    };
    prepare_file(&path, may_create)?;
    let writer = connect(replaceable(pool(url, 1, WRITER_PATIENCE))).await;
    let writer = writer.map_err(|error| refused(&path, error))?;
    let mut readers = replaceable(pool(url, limits.connections, limits.acquire));
    readers.map_sqlx_sqlite_opts(|options| configure(options).pragma("query_only", "ON"));
    let reader = connect(readers).await.map_err(|error| refused(&path, error))?;
    Ok((Pool::fixed(writer), Pool::fixed(reader)))
}

/// The file that a `sqlite:` URL names; none if the database is in memory.
pub fn file_of(url: &str) -> Result<Option<PathBuf>, ConnectError> {
    Ok(match Location::parse(url)? {
        Location::Memory => None,
        Location::File { path, .. } => Some(path),
    })
}

/// Opens a pool.
///
/// SQLite does not wait with the switch of a new file to WAL: of programs that start at once, some
/// are told that it is locked.
async fn connect(options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    let mut patience = Patience::new();
    loop {
        match SqlxSqliteConnector::connect(options.clone()).await {
            Ok(connection) => return Ok(connection),
            Err(error) => patience.wait_out(error).await?,
        }
    }
}

/// A pool whose connections stay open: the last one of a database in memory takes it along.
fn pool(url: &str, connections: u32, patience: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(patience)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire_if_idle_for(TRUSTED_FOR)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(configure);
    options
}

/// The same pool, which opens another connection in the place of one that is still in a transaction
/// when it should be idle.
///
/// SQLite ends a transaction by itself when its disk is full or fails. sqlx does not notice and counts
/// on: the transactions after that are savepoints to it, and what they commit may never be written.
fn replaceable(mut options: ConnectOptions) -> ConnectOptions {
    options.map_sqlx_sqlite_before_acquire(|connection, _| {
        let is_idle = !connection.is_in_transaction();
        Box::pin(async move { Ok(is_idle) })
    });
    options
}

/// `FULL` is what makes a commit survive a loss of power: in WAL mode, `NORMAL` does not sync it.
fn configure(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(WRITER_PATIENCE)
}

fn refused(path: &Path, cause: DbErr) -> ConnectError {
    let path = path.to_owned();
    match code(&cause) {
        Some(Code::Sqlite(NOT_A_DATABASE)) => ConnectError::NotADatabase { path },
        Some(_) | None => ConnectError::NotOpened { path, cause },
    }
}

/// Where a URL says that the database is.
#[derive(Debug, PartialEq, Eq)]
enum Location {
    Memory,
    File { path: PathBuf, may_create: bool },
}

impl Location {
    fn parse(url: &str) -> Result<Self, ConnectError> {
        let rest = url.strip_prefix("sqlite:").ok_or(ConnectError::UnknownDatabase)?;
        let invalid = |reason: &str| ConnectError::InvalidUrl { reason: reason.to_owned() };
        let database = rest.strip_prefix("//").unwrap_or(rest);
        let (name, parameters) = database.split_once('?').unwrap_or((database, ""));
        if holds_password(name) {
            return Err(invalid("a SQLite file has neither user nor password"));
        }
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|_| invalid("a parameter after the question mark is unknown or malformed"))?;
        let has_mode =
            |mode| parameters.split('&').any(|it| it.strip_prefix("mode=") == Some(mode));
        if name == ":memory:" || has_mode("memory") {
            return Ok(Self::Memory);
        }
        if name.is_empty() {
            return Err(invalid("it names no file"));
        }
        if has_mode("ro") {
            return Err(invalid("the database is written to, and mode=ro forbids that"));
        }
        Ok(Self::File { path: options.get_filename().to_owned(), may_create: has_mode("rwc") })
    }
}

/// Whether a part of the path looks like `user:password@host`, which must not be repeated.
fn holds_password(name: &str) -> bool {
    let has_credentials =
        |part: &str| part.rsplit_once('@').is_some_and(|(it, _)| it.contains(':'));
    name.split('/').any(has_credentials)
}

/// Sees to it that the file is there and can be written. SQLite gives the files beside it the same
/// mode.
fn prepare_file(path: &Path, may_create: bool) -> Result<(), ConnectError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(may_create);
    // It holds password hashes and addresses.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|cause| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        match (cause.kind(), folder) {
            (io::ErrorKind::NotFound, Some(folder)) if !folder.exists() => {
                ConnectError::NoFolder { folder: folder.to_owned() }
            }
            (io::ErrorKind::NotFound, _) => ConnectError::NoFile { path: path.to_owned() },
            _ => ConnectError::NotWritable { path: path.to_owned(), cause },
        }
    })
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Statement, TransactionTrait};

    use super::*;

    async fn pragma(db: &impl ConnectionTrait, name: &str) -> String {
        let statement = Statement::from_string(db.get_database_backend(), format!("PRAGMA {name}"));
        let row = db.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index::<String>(0)
            .or_else(|_| row.try_get_by_index::<i64>(0).map(|number| number.to_string()))
            .unwrap()
    }

    async fn pragmas(db: &impl ConnectionTrait) -> Vec<String> {
        let mut values = Vec::new();
        for name in ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only"] {
            values.push(pragma(db, name).await);
        }
        values
    }

    #[tokio::test]
    async fn every_connection_is_durable_and_checks_foreign_keys_and_only_one_writes() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("a.db").display());
        let limits = Limits { connections: 4, ..Limits::default() };
        let (writer, reader) = open(&url, &limits).await.unwrap();
        let (writer, reader) = (writer.connections(), reader.connections());
        assert_eq!(pragmas(&writer).await, ["wal", "2", "1", "5000", "0"]);
        let mut held = Vec::new();
        for _ in 0..limits.connections {
            let transaction = reader.begin().await.unwrap();
            assert_eq!(pragmas(&transaction).await, ["wal", "2", "1", "5000", "1"]);
            held.push(transaction);
        }
    }

    #[tokio::test]
    async fn a_commit_lasts_after_transactions_that_sqlite_ended_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("a.db").display());
        let (writer, reader) = open(&url, &Limits::default()).await.unwrap();
        let (writer, reader) = (writer.connections(), reader.connections());
        writer.execute_unprepared("CREATE TABLE kept (id INTEGER)").await.unwrap();
        let ended = writer.begin().await.unwrap();
        // What it does by itself on a full disk.
        ended.execute_unprepared("ROLLBACK").await.unwrap();
        drop(ended);
        drop(writer.begin().await.unwrap());
        let transaction = writer.begin().await.unwrap();
        transaction.execute_unprepared("INSERT INTO kept VALUES (7)").await.unwrap();
        transaction.commit().await.unwrap();
        let kept = Statement::from_string(reader.get_database_backend(), "SELECT id FROM kept");
        assert_eq!(reader.query_all_raw(kept).await.unwrap().len(), 1);
    }

    fn file(path: &str, may_create: bool) -> Location {
        Location::File { path: path.into(), may_create }
    }

    #[test]
    fn a_url_says_where_the_database_is() {
        for (url, location) in [
            ("sqlite://a.db", file("a.db", false)),
            ("sqlite:a.db?mode=rw", file("a.db", false)),
            ("sqlite:///var/a.db?mode=rwc", file("/var/a.db", true)),
            ("sqlite://one%20day.db?mode=rwc", file("one day.db", true)),
            ("sqlite:///home/a@b/a.db", file("/home/a@b/a.db", false)),
            ("sqlite::memory:", Location::Memory),
            ("sqlite://:memory:", Location::Memory),
            ("sqlite://?mode=memory", Location::Memory),
        ] {
            assert_eq!(Location::parse(url).unwrap(), location, "{url}");
        }
    }

    #[test]
    fn a_url_that_is_refused_is_not_repeated() {
        for url in [
            "",
            "a.db",
            "postgres://ada:secret@localhost/fastauth",
            "sqlite://",
            "sqlite://?mode=rwc",
            "sqlite://a.db?mode=ro",
            "sqlite://a.db?mode=secret",
            "sqlite://a.db?secret=secret",
            "sqlite://ada:secret@localhost/a.db",
            "sqlite:///srv/ada:secret@localhost/a.db",
        ] {
            let error = Location::parse(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        }
    }
}
