//! What housekeeping finds its rows by: when they came to their end.

use sea_orm::{DbBackend, Statement, sea_query::Index};

use super::{Migration, index};

pub(super) const MIGRATION: Migration = Migration { name: "m20261123_000006_housekeeping", up };

fn up(backend: DbBackend) -> Vec<Statement> {
    let by = |table: &'static str, column: &'static str| {
        let name = format!("{table}_{column}_idx");
        index(backend, &Index::create().name(name).table(table).col(column).take())
    };
    vec![
        by("one_time_token", "expires_at"),
        by("session", "idle_until"),
        by("session", "revoked_at"),
        by("audit_event", "at"),
    ]
}
