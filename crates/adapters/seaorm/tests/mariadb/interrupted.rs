//! Where the schema is not changed in transactions, a program may be killed between two statements
//! of a step.

use fastauth_seaorm::SqlStore;
use sea_orm::ConnectionTrait;

use crate::{place::Place, world::register};

#[tokio::test]
async fn a_migration_that_was_cut_off_anywhere_is_finished_by_the_next_start() {
    let new = async || {
        let place = Place::new().await;
        let store = SqlStore::connect(&place.url()).await.unwrap();
        let pending = store.pending_migrations().await.unwrap();
        let statements: Vec<_> = pending.into_iter().flat_map(|step| step.statements).collect();
        (place, store, statements)
    };
    let count = new().await.2.len();
    for done in 0..=count {
        let (place, store, statements) = new().await;
        let stranger = place.stranger().await;
        for statement in &statements[..done] {
            stranger.execute_unprepared(statement).await.unwrap();
        }
        store.migrate().await.unwrap();
        register(&store, "ada").await;
    }
}
