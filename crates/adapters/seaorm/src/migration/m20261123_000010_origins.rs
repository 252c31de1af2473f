//! Where sessions were opened and where events came from. The version before leaves it out.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, Index, Table},
};

use super::{Migration, index};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000010_origins", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let add = |table: &'static str, column: ColumnDef| {
        backend.build(&Table::alter().table(table).add_column(column).take())
    };
    let origin = |table| {
        [
            add(table, ColumnDef::new("address").string_len(45).take()),
            add(table, ColumnDef::new("user_agent").string_len(400).take()),
            add(table, ColumnDef::new("device").string_len(100).take()),
        ]
    };
    // To show somebody what has happened to their account.
    let by_account = Index::create()
        .name("audit_event_account_id_idx")
        .table("audit_event")
        .col("account_id")
        .col("id")
        .take();
    // To forget where events came from before the events themselves.
    let by_origin = Index::create()
        .name("audit_event_origin_at_idx")
        .table("audit_event")
        .col("origin_at")
        .take();
    // To show somebody where they are signed in, the newest first. It does what the one before did.
    let newest = Index::create()
        .name("session_account_id_opened_at_idx")
        .table("session")
        .col("account_id")
        .col("opened_at")
        .take();
    let mut statements = Vec::from(origin("session"));
    statements.extend(origin("audit_event"));
    statements.push(add("audit_event", ColumnDef::new("origin_at").big_integer().take()));
    statements.extend([&by_account, &by_origin, &newest].map(|it| index(backend, it)));
    let before = Index::drop().name("session_account_id_idx").table("session").to_owned();
    statements.push(backend.build(&before));
    statements
}
