//! What strangers have asked for and nobody has attended to yet. The version before lets it lie.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, Index, Table},
};

use super::{Migration, create, index};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000013_pending_requests", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let mut pending_request = Table::create()
        .table("pending_request")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("wanted").string_len(64).not_null())
        .col(ColumnDef::new("email").string_len(320).not_null())
        .col(ColumnDef::new("email_key").string_len(320).not_null())
        .col(ColumnDef::new("name").string_len(128))
        .col(ColumnDef::new("password_hash").string_len(512))
        .col(ColumnDef::new("language").string_len(35))
        .col(ColumnDef::new("address").string_len(45))
        .col(ColumnDef::new("user_agent").string_len(400))
        .col(ColumnDef::new("device").string_len(100))
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .take();
    // For whoever signs in before their account is there.
    let by_address = Index::create()
        .name("pending_request_email_key_idx")
        .table("pending_request")
        .col("email_key")
        .col("id")
        .take();
    // To remove what nobody waits for any more.
    let by_age = Index::create()
        .name("pending_request_created_at_idx")
        .table("pending_request")
        .col("created_at")
        .take();
    vec![
        create(backend, &mut pending_request),
        index(backend, &by_address),
        index(backend, &by_age),
    ]
}
