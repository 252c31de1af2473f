//! Sessions. They go with their account.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table},
};

use super::{Migration, create, index};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000002_sessions", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let mut session = Table::create()
        .table("session")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("secret_hash").binary_len(32).not_null())
        .col(ColumnDef::new("generation").big_integer().not_null())
        .col(ColumnDef::new("turned_at").big_integer().not_null())
        .col(ColumnDef::new("remembered").boolean().not_null())
        .col(ColumnDef::new("opened_at").big_integer().not_null())
        .col(ColumnDef::new("idle_until").big_integer().not_null())
        .col(ColumnDef::new("ends_at").big_integer().not_null())
        .col(ColumnDef::new("revoked_at").big_integer())
        .foreign_key(
            ForeignKey::create()
                .name("session_account_id_fkey")
                .from("session", "account_id")
                .to("account", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take();
    // To end every session of an account.
    let by_account =
        Index::create().name("session_account_id_idx").table("session").col("account_id").take();
    vec![create(backend, &mut session), index(backend, &by_account)]
}
