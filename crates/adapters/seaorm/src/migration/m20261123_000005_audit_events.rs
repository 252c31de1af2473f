//! Audit events. They name accounts and sessions without depending on them: history stays.

use sea_orm::{
    DbBackend, Statement,
    sea_query::{ColumnDef, Index, Table},
};

use super::{Migration, create, index};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000005_audit_events", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let mut audit_event = Table::create()
        .table("audit_event")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("kind").string_len(64).not_null())
        .col(ColumnDef::new("account_id").uuid())
        .col(ColumnDef::new("session_id").uuid())
        .take();
    // The history of an account.
    let by_account = Index::create()
        .name("audit_event_account_id_at_idx")
        .table("audit_event")
        .col("account_id")
        .col("at")
        .take();
    vec![create(backend, &mut audit_event), index(backend, &by_account)]
}
