//! Accounts.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, Table},
};

use super::{Migration, create};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000001_accounts", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let mut account = Table::create()
        .table("account")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("email").string_len(320).not_null())
        .col(ColumnDef::new("email_key").string_len(320).not_null().unique_key())
        .col(ColumnDef::new("name").string_len(128))
        .col(ColumnDef::new("image").string_len(2048))
        .col(ColumnDef::new("password_hash").string_len(512))
        .col(ColumnDef::new("verified_at").big_integer())
        .col(ColumnDef::new("disabled_at").big_integer())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("last_login").big_integer())
        .col(ColumnDef::new("version").big_integer().not_null())
        .take();
    vec![create(backend, &mut account)]
}
