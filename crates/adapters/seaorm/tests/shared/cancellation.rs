//! A caller that goes away in the middle leaves nothing behind: no half list, no open transaction.

use std::time::Duration;

use fastauth_ports::{accounts::ReadAccounts, commit::Commit, sessions::ReadSessions};
use tokio::time::timeout;

use crate::{
    place::Place,
    world::{address, register, registration},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_abandoned_anywhere_is_whole_or_nothing() {
    let place = Place::new().await;
    let store = place.store().await;
    let mut abandoned = 0;
    for micros in (0..4_000).step_by(50) {
        let name = format!("ada{micros}");
        let (changes, grant) = registration(&name);
        let answer = timeout(Duration::from_micros(micros), store.commit(&changes)).await;
        abandoned += u32::from(answer.is_err());
        // The next one is served at once, and sees what became of the one before.
        register(&store, &format!("bob{micros}")).await;
        let is_whole = async || {
            let account = store.with_email(address(&name).key()).await.unwrap();
            let session = store.session(grant.session()).await.unwrap();
            assert!(answer.is_err() || account.is_some(), "lost after {micros} us");
            account.is_some() == session.is_some()
        };
        // A COMMIT that nobody waits for may happen between the two questions, but only once.
        assert!(is_whole().await || is_whole().await, "half after {micros} us");
    }
    assert!(abandoned > 0);
}
