//! Bringing a schema up to date.

use fastauth_ports::health::CheckHealth;
use fastauth_seaorm::{ConnectError, SchemaError, SqlStore};
use sea_orm::ConnectionTrait;

use crate::{place::Place, world::register};

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
