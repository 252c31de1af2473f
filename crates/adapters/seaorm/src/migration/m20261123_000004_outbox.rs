//! The outbox.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, Index, Table},
};

use super::{Migration, create, index};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000004_outbox", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let mut outbox = Table::create()
        .table("outbox")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("recipient").string_len(320).not_null())
        .col(ColumnDef::new("topic").string_len(64).not_null())
        .col(ColumnDef::new("nonce").binary_len(32))
        .col(ColumnDef::new("link_expires_at").big_integer())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("due_at").big_integer().not_null())
        .col(ColumnDef::new("attempts").big_integer().not_null())
        .take();
    // What is due, in the order in which it is handed out.
    let by_due =
        Index::create().name("outbox_due_at_idx").table("outbox").col("due_at").col("id").take();
    vec![create(backend, &mut outbox), index(backend, &by_due)]
}
