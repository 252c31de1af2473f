//! What becomes of mail after it was sent, and the addresses that get none.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{Alias, ColumnDef, Index, Table},
};

use super::{Migration, create, index};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000008_deliveries", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let mut suppression = Table::create()
        .table("suppression")
        .col(ColumnDef::new("address_key").string_len(320).not_null().primary_key())
        .col(ColumnDef::new("cause").string_len(16).not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .take();
    // The version before goes on putting mail into the outbox, without these.
    let add = |column: ColumnDef| {
        backend.build(&Table::alter().table("outbox").add_column(column).take())
    };
    let mut statements = vec![
        create(backend, &mut suppression),
        add(ColumnDef::new("state").string_len(16).not_null().default("queued").take()),
        add(ColumnDef::new("settled_at").big_integer().take()),
        add(ColumnDef::new("reason").string_len(200).take()),
        add(ColumnDef::new("recipient_key").string_len(320).take()),
    ];
    for (name, columns) in [
        ("outbox_recipient_key_idx", ["recipient_key", "created_at"].as_slice()),
        ("outbox_state_idx", &["state", "due_at", "id"]),
        ("outbox_settled_at_idx", &["settled_at"]),
    ] {
        let mut by = Index::create().name(name).table("outbox").take();
        for column in columns {
            by.col(Alias::new(*column));
        }
        statements.push(index(backend, &by));
    }
    statements
}
