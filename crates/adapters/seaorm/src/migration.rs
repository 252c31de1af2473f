//! The schema's history: migrations in order, each applied once, all that are due in one
//! transaction.
//!
//! A migration is never changed after it was released; what it made is changed by a later one. It
//! names its tables and columns by itself, so that it stays what it was while the rows move on.

mod m20261123_000001_accounts;
mod m20261123_000002_sessions;
mod m20261123_000003_one_time_tokens;
mod m20261123_000004_outbox;
mod m20261123_000005_audit_events;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait,
    sea_query::{ColumnDef, Order, Query, Table},
};

use crate::commit::write_at_once;

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
];

/// Holds the names of the migrations that were applied. The program that embeds this one may keep
/// migrations of its own in the same database, so that a name of ours is needed.
const TABLE: &str = "fastauth_migration";

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
    /// The database failed.
    #[error("the schema of the database can be neither read nor changed: {0}")]
    Failed(#[from] DbErr),
}

/// Makes the table of what was applied, if it is not there.
pub(crate) async fn install(db: &impl ConnectionTrait) -> Result<(), SchemaError> {
    let table = Table::create()
        .table(TABLE)
        .if_not_exists()
        .col(ColumnDef::new("name").string_len(128).not_null().primary_key())
        .take();
    db.execute(&table).await?;
    Ok(())
}

/// The migrations that are still to be applied. Refuses a schema that is ahead of this program.
pub(crate) async fn pending(db: &impl ConnectionTrait) -> Result<Vec<&'static str>, SchemaError> {
    let applied = applied(db).await?;
    let is_known = |name: &String| MIGRATIONS.iter().any(|migration| migration.name == name);
    match applied.iter().find(|name| !is_known(name)) {
        Some(name) => Err(SchemaError::TooNew { migration: name.clone() }),
        None => Ok(without(&applied)),
    }
}

/// The migrations that this program needs and the schema lacks. One that is ahead lacks nothing:
/// while a newer version is being rolled out, this one goes on.
pub(crate) async fn missing(db: &impl ConnectionTrait) -> Result<Vec<&'static str>, DbErr> {
    applied(db).await.map(|applied| without(&applied))
}

/// Applies what is pending. Of several programs that start at once, one does it and the others
/// wait.
pub(crate) async fn up(db: &DatabaseConnection) -> Result<Vec<&'static str>, SchemaError> {
    let transaction = db.begin_with_options(write_at_once()).await?;
    let pending = pending(&transaction).await?;
    for migration in MIGRATIONS.iter().filter(|migration| pending.contains(&migration.name)) {
        for statement in (migration.up)(transaction.get_database_backend()) {
            transaction.execute_raw(statement).await?;
        }
        let applied = Query::insert()
            .into_table(TABLE)
            .columns(["name"])
            .values([migration.name.into()])
            .map_err(|error| DbErr::Migration(error.to_string()))?
            .take();
        transaction.execute(&applied).await?;
    }
    transaction.commit().await?;
    Ok(pending)
}

async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let names = Query::select().column("name").from(TABLE).order_by("name", Order::Asc).take();
    db.query_all(&names).await?.iter().map(|row| row.try_get("", "name")).collect()
}

fn without(applied: &[String]) -> Vec<&'static str> {
    let names = MIGRATIONS.iter().map(|migration| migration.name);
    names.filter(|name| !applied.iter().any(|applied| applied == name)).collect()
}
