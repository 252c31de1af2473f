//! The language that a mail is to be written in. The version before leaves it out.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, Table},
};

use super::Migration;

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000007_mail_language", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let language = ColumnDef::new("language").string_len(35).take();
    vec![backend.build(Table::alter().table("outbox").add_column(language))]
}
