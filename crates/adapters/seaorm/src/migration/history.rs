//! The table of the migrations that were applied.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, QueryResult, Statement,
    sea_query::{ColumnDef, Order, Query, Table},
};

use super::create;

/// The program that embeds this one may keep migrations of its own in the same database, so that a
/// name of ours is needed.
const TABLE: &str = "fastauth_migration";

/// Makes the table, if it is not there.
pub(super) async fn install(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut table = Table::create()
        .table(TABLE)
        .col(ColumnDef::new("name").string_len(128).not_null().primary_key())
        .take();
    db.execute_raw(create(db.get_database_backend(), &mut table)).await.map(drop)
}

/// The names of the migrations that were applied, in order.
pub(crate) async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    if db.query_all_raw(find_table(db.get_database_backend())).await?.is_empty() {
        return Ok(Vec::new());
    }
    names_of(&db.query_all_raw(names(db.get_database_backend())).await?)
}

/// Reads those names.
pub(crate) fn names(backend: DbBackend) -> Statement {
    let names = Query::select().column("name").from(TABLE).order_by("name", Order::Asc).take();
    backend.build(&names)
}

/// The names in the rows that were read.
pub(crate) fn names_of(rows: &[QueryResult]) -> Result<Vec<String>, DbErr> {
    rows.iter().map(|row| row.try_get("", "name")).collect()
}

pub(super) async fn remember(db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    let insert = Query::insert()
        .into_table(TABLE)
        .columns(["name"])
        .values([name.into()])
        .map_err(|error| DbErr::Migration(error.to_string()))?
        .take();
    db.execute(&insert).await.map(drop)
}

fn find_table(backend: DbBackend) -> Statement {
    let sql = match backend {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?",
        DbBackend::MySql => {
            "SELECT 1 FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name = ?"
        }
        _ => {
            "SELECT 1 FROM information_schema.tables \
             WHERE table_schema = ANY (current_schemas(false)) AND table_name = $1"
        }
    };
    Statement::from_sql_and_values(backend, sql, [TABLE.into()])
}
