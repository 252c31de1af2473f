//! The address that a one-time token is about, and the account and the detail that a mail is about.
//! The version before leaves them out.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, Index, Table},
};

use super::{Migration, index};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000011_email_changes", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let add = |table: &'static str, column: ColumnDef| {
        backend.build(&Table::alter().table(table).add_column(column).take())
    };
    // To remove every mail about somebody.
    let by_account =
        Index::create().name("outbox_account_id_idx").table("outbox").col("account_id").take();
    vec![
        add("one_time_token", ColumnDef::new("email").string_len(320).take()),
        add("outbox", ColumnDef::new("account_id").uuid().take()),
        add("outbox", ColumnDef::new("detail").string_len(320).take()),
        index(backend, &by_account),
    ]
}
