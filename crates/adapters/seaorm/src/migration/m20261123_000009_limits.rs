//! Buckets that attempts are counted in, and what mail to strangers is counted by. The version before
//! leaves the columns out.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, Index, Table},
};

use super::{Migration, create, index};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000009_limits", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let mut bucket = Table::create()
        .table("bucket")
        .col(ColumnDef::new("name").string_len(300).not_null().primary_key())
        .col(ColumnDef::new("due_at").big_integer().not_null())
        .take();
    let by_due = Index::create().name("bucket_due_at_idx").table("bucket").col("due_at").take();
    let add = |column: ColumnDef| backend.build(Table::alter().table("outbox").add_column(column));
    vec![
        create(backend, &mut bucket),
        index(backend, &by_due),
        add(ColumnDef::new("client").string_len(64).take()),
        add(ColumnDef::new("first_contact").boolean().not_null().default(false).take()),
    ]
}
