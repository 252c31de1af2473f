//! The schema's history: migrations in order, each applied once.
//!
//! A migration is never changed after it was released; what it made is changed by a later one, and
//! only in ways that the version before can live with while it still runs. It names its tables and
//! columns by itself, so that it stays what it was while the rows move on.
//!
//! Where a schema is changed in transactions, all that is due is one. Elsewhere (MariaDB and MySQL)
//! each statement can be repeated, so that programs that start at once, and one that starts after
//! another was killed, get to the same schema.

mod history;
mod m20261123_000001_accounts;
mod m20261123_000002_sessions;
mod m20261123_000003_one_time_tokens;
mod m20261123_000004_outbox;
mod m20261123_000005_audit_events;
mod m20261123_000006_housekeeping;
mod m20261123_000007_mail_language;
mod m20261123_000008_deliveries;
mod m20261123_000009_limits;
mod m20261123_000010_origins;
mod m20261123_000011_email_changes;
mod m20261123_000012_roles;
mod m20261123_000013_pending_requests;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    TransactionTrait,
    sea_query::{IndexCreateStatement, TableCreateStatement},
};

use self::history::{install, remember};
use crate::{
    commit::write_at_once,
    failure::{Code, Patience, code, is_taken},
};

pub(crate) use self::history::{applied, names, names_of};

/// One step of the schema's history.
struct Migration {
    /// Stored when it is applied.
    name: &'static str,
    /// What it does, in the dialect of an engine.
    up: fn(DbBackend) -> Vec<Statement>,
}

const MIGRATIONS: &[Migration] = &[
    m20261123_000001_accounts::MIGRATION,
    m20261123_000002_sessions::MIGRATION,
    m20261123_000003_one_time_tokens::MIGRATION,
    m20261123_000004_outbox::MIGRATION,
    m20261123_000005_audit_events::MIGRATION,
    m20261123_000006_housekeeping::MIGRATION,
    m20261123_000007_mail_language::MIGRATION,
    m20261123_000008_deliveries::MIGRATION,
    m20261123_000009_limits::MIGRATION,
    m20261123_000010_origins::MIGRATION,
    m20261123_000011_email_changes::MIGRATION,
    m20261123_000012_roles::MIGRATION,
    m20261123_000013_pending_requests::MIGRATION,
];

/// Why the schema cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// It went through a migration that this program does not know.
    #[error(
        "the database was made by a newer version of this program (migration {migration} is \
         unknown here); start that version, or one after it"
    )]
    TooNew {
        /// The migration's name.
        migration: String,
    },
    /// The user of the database URL may not change it.
    #[error(
        "the user of the database URL may not create tables ({0}); grant it that right, or migrate \
         as a user that has it"
    )]
    NoRights(DbErr),
    /// The database failed.
    #[error("the schema of the database can be neither read nor changed: {0}")]
    Failed(DbErr),
}

impl From<DbErr> for SchemaError {
    fn from(error: DbErr) -> Self {
        let may_not = match code(&error) {
            Some(Code::State(state)) => state == "42501",
            Some(Code::Number(number)) => matches!(number, 1044 | 1142 | 1227),
            Some(Code::Sqlite(_)) | None => false,
        };
        if may_not { Self::NoRights(error) } else { Self::Failed(error) }
    }
}

/// A migration that is not applied yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its name.
    pub name: &'static str,
    /// The statements it consists of.
    pub statements: Vec<String>,
}

/// The migrations that are still to be applied. Refuses a schema that is ahead of this program.
pub(crate) async fn pending(db: &impl ConnectionTrait) -> Result<Vec<Pending>, SchemaError> {
    let due = due(db, MIGRATIONS).await?.into_iter();
    let backend = db.get_database_backend();
    let sql =
        |migration: &Migration| (migration.up)(backend).into_iter().map(|it| it.sql).collect();
    Ok(due.map(|it| Pending { name: it.name, statements: sql(it) }).collect())
}

/// The first of the migrations that this program needs and the schema lacks. One that is ahead lacks
/// nothing: while a newer version is being rolled out, this one goes on.
pub(crate) fn missing(applied: &[String]) -> Option<&'static str> {
    let names = MIGRATIONS.iter().map(|migration| migration.name);
    names.into_iter().find(|name| !applied.iter().any(|applied| applied == name))
}

/// Applies what is pending. Of several programs that start at once, one does it and the others
/// wait.
pub(crate) async fn up(db: &DatabaseConnection) -> Result<Vec<&'static str>, SchemaError> {
    up_to(db, MIGRATIONS.len()).await
}

/// The same for the first so many migrations.
pub(crate) async fn up_to(
    db: &DatabaseConnection,
    count: usize,
) -> Result<Vec<&'static str>, SchemaError> {
    let wanted = MIGRATIONS.get(..count).unwrap_or(MIGRATIONS);
    let mut patience = Patience::new();
    loop {
        let refused = match attempt(db, wanted).await {
            Err(SchemaError::Failed(error)) => error,
            outcome => return outcome,
        };
        // Another program remembered the same migration first: look at what it did.
        if !is_taken(&refused) {
            patience.wait_out(refused).await?;
        }
    }
}

async fn attempt(
    db: &DatabaseConnection,
    wanted: &'static [Migration],
) -> Result<Vec<&'static str>, SchemaError> {
    if due(db, wanted).await?.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = db.begin_with_options(write_at_once()).await?;
    lift_time_limit(&transaction).await?;
    install(&transaction).await?;
    let mut done = Vec::new();
    for migration in due(&transaction, wanted).await? {
        if apply(&transaction, migration).await? {
            done.push(migration.name);
        }
    }
    transaction.commit().await?;
    Ok(done)
}

/// Applies a step, unless another program was faster.
async fn apply(transaction: &DatabaseTransaction, migration: &Migration) -> Result<bool, DbErr> {
    let backend = transaction.get_database_backend();
    let in_transaction = backend != DbBackend::MySql;
    // First: another program that is at the same migration waits here until this one is done.
    if in_transaction {
        remember(transaction, migration.name).await?;
    }
    for statement in (migration.up)(backend) {
        match transaction.execute_raw(statement).await {
            Err(error) if in_transaction || !is_done_already(&error) => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    if in_transaction {
        return Ok(true);
    }
    match remember(transaction, migration.name).await {
        Err(error) if is_taken(&error) => Ok(false),
        remembered => remembered.map(|()| true),
    }
}

/// Whether a statement is of no effect because it was done before: table, column and index exist, or
/// are gone.
fn is_done_already(error: &DbErr) -> bool {
    matches!(code(error), Some(Code::Number(1050 | 1060 | 1061 | 1091)))
}

/// A change of the schema may take longer than any request.
async fn lift_time_limit(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    match transaction.get_database_backend() {
        DbBackend::Postgres => {
            transaction.execute_unprepared("SET LOCAL statement_timeout = 0").await.map(drop)
        }
        DbBackend::MySql => {
            const UNKNOWN_SYSTEM_VARIABLE: Code = Code::Number(1193);
            match transaction.execute_unprepared("SET SESSION max_statement_time = 0").await {
                Err(error) if code(&error) != Some(UNKNOWN_SYSTEM_VARIABLE) => Err(error),
                Ok(_) | Err(_) => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

async fn due(
    db: &impl ConnectionTrait,
    wanted: &'static [Migration],
) -> Result<Vec<&'static Migration>, SchemaError> {
    let applied = applied(db).await?;
    let is_known = |name: &String| MIGRATIONS.iter().any(|migration| migration.name == name);
    if let Some(name) = applied.iter().find(|name| !is_known(name)) {
        return Err(SchemaError::TooNew { migration: name.clone() });
    }
    let is_due = |it: &&Migration| !applied.iter().any(|name| name == it.name);
    Ok(wanted.iter().filter(is_due).collect())
}

/// A new table. MariaDB and MySQL are told to compare text exactly: by default they take `josé` for
/// `jose`.
fn create(backend: DbBackend, table: &mut TableCreateStatement) -> Statement {
    table.if_not_exists();
    if backend == DbBackend::MySql {
        table.engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_bin");
    }
    backend.build(table)
}

/// A new index.
fn index(backend: DbBackend, index: &IndexCreateStatement) -> Statement {
    backend.build(index)
}
