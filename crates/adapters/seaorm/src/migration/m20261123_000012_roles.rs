//! Roles, and who has them; and what events tell of who did it. The version before leaves the columns
//! out. Assignments go with their account and with their role.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table},
};

use super::{Migration, create, index};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000012_roles", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let mut statements = tables(backend);
    // Who may manage roles is found by these permissions, and who has a role is deleted with it.
    for (name, table, columns) in [
        ("role_permission_permission_idx", "role_permission", ["permission", "role"].as_slice()),
        ("account_role_role_idx", "account_role", &["role"]),
    ] {
        let mut by = Index::create().name(name).table(table).take();
        for column in columns {
            by.col(*column);
        }
        statements.push(index(backend, &by));
    }
    for column in
        [ColumnDef::new("actor_id").uuid().take(), ColumnDef::new("detail").string_len(200).take()]
    {
        statements.push(backend.build(Table::alter().table("audit_event").add_column(column)));
    }
    statements.push(first_guard(backend));
    statements
}

fn tables(backend: DbBackend) -> Vec<Statement> {
    let key = |name: &str, table: &'static str, column: &'static str| {
        ForeignKey::create()
            .name(name)
            .from(table, column)
            .on_delete(ForeignKeyAction::Cascade)
            .take()
    };
    let mut role = Table::create()
        .table("role")
        .col(ColumnDef::new("name").string_len(64).not_null().primary_key())
        .take();
    let mut role_permission = Table::create()
        .table("role_permission")
        .col(ColumnDef::new("role").string_len(64).not_null())
        .col(ColumnDef::new("permission").string_len(129).not_null())
        .primary_key(Index::create().col("role").col("permission"))
        .foreign_key(key("role_permission_role_fkey", "role_permission", "role").to("role", "name"))
        .take();
    let mut account_role = Table::create()
        .table("account_role")
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("role").string_len(64).not_null())
        .primary_key(Index::create().col("account_id").col("role"))
        .foreign_key(
            key("account_role_account_id_fkey", "account_role", "account_id").to("account", "id"),
        )
        .foreign_key(key("account_role_role_fkey", "account_role", "role").to("role", "name"))
        .take();
    let mut role_guard = Table::create()
        .table("role_guard")
        .col(ColumnDef::new("id").integer().not_null().primary_key())
        .col(ColumnDef::new("version").big_integer().not_null())
        .take();
    [&mut role, &mut role_permission, &mut account_role, &mut role_guard]
        .map(|table| create(backend, table))
        .into()
}

/// The one row of the guard, which stays as it is where it is there already.
fn first_guard(backend: DbBackend) -> Statement {
    let or_leave = match backend {
        DbBackend::MySql => "ON DUPLICATE KEY UPDATE id = id",
        _ => "ON CONFLICT (id) DO NOTHING",
    };
    let insert = format!("INSERT INTO role_guard (id, version) VALUES (1, 1) {or_leave}");
    Statement::from_string(backend, insert)
}
