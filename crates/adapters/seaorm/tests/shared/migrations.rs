//! Bringing a schema up to date.

use fastauth_domain::{
    identifier::AccountId,
    role::{Administrators, GuardVersion, Rights},
};
use fastauth_ports::{accounts::ReadAccounts, health::CheckHealth, roles::ReadRoles};
use fastauth_seaorm::{ConnectError, SchemaError, SqlStore};
use sea_orm::{ConnectionTrait, Value, prelude::Uuid, sea_query::Query};

use crate::{
    place::Place,
    world::{address, register},
};

#[tokio::test]
async fn a_second_migration_has_nothing_to_do() {
    let place = Place::new().await;
    let store = SqlStore::connect(&place.url()).await.unwrap();
    let pending = store.pending_migrations().await.unwrap();
    assert!(store.check().await.is_err());
    let names: Vec<_> = pending.iter().map(|migration| migration.name).collect();
    assert_eq!(store.migrate().await.unwrap(), names);
    assert_eq!(store.applied_migrations().await.unwrap(), names);
    assert!(!pending.is_empty() && store.pending_migrations().await.unwrap().is_empty());
    assert!(store.migrate().await.unwrap().is_empty());
    store.check().await.unwrap();
}

#[tokio::test]
async fn of_programs_that_start_at_once_each_finds_every_step_applied_and_one_applied_it() {
    for _ in 0..10 {
        let place = Place::new().await;
        let start = async || {
            let store = SqlStore::connect(&place.url()).await.unwrap();
            let applied = store.migrate().await.unwrap();
            store.check().await.unwrap();
            applied.len()
        };
        let (one, two, three) = tokio::join!(start(), start(), start());
        let steps = place.store().await.applied_migrations().await.unwrap().len();
        assert_eq!(one + two + three, steps);
    }
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused() {
    let place = Place::new().await;
    let older = place.store().await;
    let insert = "INSERT INTO fastauth_migration VALUES ('m29991231_000001_wonders')";
    place.stranger().await.execute_unprepared(insert).await.unwrap();
    let error = SqlStore::connect(&place.url()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Schema(SchemaError::TooNew { .. })), "{error:?}");
    assert!(error.to_string().contains("m29991231_000001_wonders"), "{error}");
    assert!(matches!(older.migrate().await, Err(SchemaError::TooNew { .. })));
    // One that is running while the newer one is rolled out goes on.
    older.check().await.unwrap();
}

#[tokio::test]
async fn every_step_leads_on_from_the_one_before() {
    let steps = Place::new().await.store().await.applied_migrations().await.unwrap().len();
    for step in 0..steps {
        let place = Place::new().await;
        let store = SqlStore::connect(&place.url()).await.unwrap();
        assert_eq!(store.migrate_to(step).await.unwrap().len(), step);
        assert_eq!(store.pending_migrations().await.unwrap().len(), steps - step);
        assert_eq!(store.migrate().await.unwrap().len(), steps - step);
        register(&store, "ada").await;
    }
}

/// What the first version wrote, and every later one has to live with.
async fn write_as_the_first_version_did(place: &Place) {
    let id = || Value::from(Uuid::from_u128(7));
    let email = || Value::from("ada@example.com");
    let rows: [(&str, &[(&str, Value)]); 2] = [
        (
            "account",
            &[
                ("id", id()),
                ("email", email()),
                ("email_key", email()),
                ("created_at", 1_i64.into()),
                ("version", 1_i64.into()),
            ],
        ),
        (
            "audit_event",
            &[
                ("id", id()),
                ("at", 1_i64.into()),
                ("kind", "registered".into()),
                ("account_id", id()),
            ],
        ),
    ];
    let stranger = place.stranger().await;
    for (table, row) in rows {
        let mut insert = Query::insert();
        insert.into_table(table).columns(row.iter().map(|(column, _)| *column));
        insert.values_panic(row.iter().map(|(_, value)| value.clone().into()));
        stranger.execute(&insert).await.unwrap();
    }
}

#[tokio::test]
async fn what_was_there_before_a_step_is_there_after_it() {
    const THE_FIRST_VERSION: usize = 5;
    let steps = Place::new().await.store().await.applied_migrations().await.unwrap().len();
    for step in THE_FIRST_VERSION..=steps {
        let place = Place::new().await;
        let store = SqlStore::connect(&place.url()).await.unwrap();
        store.migrate_to(step).await.unwrap();
        write_as_the_first_version_did(&place).await;
        store.migrate().await.unwrap();
        let ada = store.with_email(address("ada").key()).await.unwrap().unwrap();
        assert_eq!(ada.id, AccountId::from(Uuid::from_u128(7)));
        let events = store.audit_events().await.unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].account, events[0].actor), (Some(ada.id), None));
        assert_eq!(events[0].detail, None);
        assert_eq!(store.rights(ada.id).await.unwrap(), Some(Rights::default()));
        let nobody = Administrators { guard: GuardVersion::FIRST, holds: [].into() };
        assert_eq!(store.administrators().await.unwrap(), nobody);
    }
}
