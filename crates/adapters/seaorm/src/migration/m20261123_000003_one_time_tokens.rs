//! One-time tokens: at most one of each kind for an account. They go with their account.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table},
};

use super::{Migration, create};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000003_one_time_tokens", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let mut one_time_token = Table::create()
        .table("one_time_token")
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("kind").string_len(64).not_null())
        .col(ColumnDef::new("hash").binary_len(32).not_null().unique_key())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .primary_key(Index::create().col("account_id").col("kind"))
        .foreign_key(
            ForeignKey::create()
                .name("one_time_token_account_id_fkey")
                .from("one_time_token", "account_id")
                .to("account", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take();
    vec![create(backend, &mut one_time_token)]
}
