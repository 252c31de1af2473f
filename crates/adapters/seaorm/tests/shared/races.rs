//! Programs that share one file race each other.

use fastauth_domain::{
    change::{Changes, Conflict},
    gate::VerificationRule,
    one_time::{self, Kind},
    session,
};
use fastauth_ports::{
    accounts::ReadAccounts,
    commit::{Commit, CommitError},
    one_time::ReadOneTimeTokens,
    sessions::ReadSessions,
};
use fastauth_seaorm::SqlStore;
use tokio::task::JoinSet;

use crate::{
    place::Place,
    world::{NOW, POLICY, address, issuer, moment, register, registration},
};

const CALLERS: usize = 16;

/// Commits all lists at once, each through one of two stores, and says what came of them.
async fn race(
    stores: [&SqlStore; 2],
    lists: impl IntoIterator<Item = Changes>,
) -> Vec<Result<(), Conflict>> {
    let mut callers = JoinSet::new();
    for (store, changes) in stores.into_iter().cycle().zip(lists) {
        let store = store.clone();
        callers.spawn(async move { store.commit(&changes).await });
    }
    let outcomes = callers.join_all().await.into_iter();
    outcomes
        .map(|outcome| match outcome {
            Ok(()) => Ok(()),
            Err(CommitError::Conflict(conflict)) => Err(conflict),
            Err(CommitError::Unavailable(error)) => panic!("{error}"),
        })
        .collect()
}

fn assert_one_winner(outcomes: &[Result<(), Conflict>], conflict: Conflict) {
    let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let losers = outcomes.iter().filter(|outcome| **outcome == Err(conflict)).count();
    assert_eq!((winners, losers), (1, CALLERS - 1), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_taken_by_one_of_two_programs() {
    let place = Place::new().await;
    let stores = [&place.store().await, &place.store().await];
    for name in ["ada", "bob", "cleo"] {
        let lists = (0..CALLERS).map(|_| registration(name).0);
        assert_one_winner(&race(stores, lists).await, Conflict::EmailTaken);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_spent_by_one_of_two_programs() {
    let place = Place::new().await;
    let stores = [&place.store().await, &place.store().await];
    let (account, _) = register(stores[0], "ada").await;
    for &kind in Kind::ALL {
        let (change, _) = issuer().issue(kind, account.id, &mut moment());
        let one_time::Change::Issue(token) = change.clone() else { panic!("{change:?}") };
        stores[0].commit(&Changes::default().with(change)).await.unwrap();
        let found = stores[1].issued(kind, token.hash).await.unwrap();
        let (_, consumed) = one_time::consume_once(found.as_ref(), NOW).unwrap();
        let lists = (0..CALLERS).map(|_| Changes::default().with(consumed.clone()));
        assert_one_winner(&race(stores, lists).await, Conflict::TokenSpent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_turned_by_one_of_two_programs() {
    let place = Place::new().await;
    let stores = [&place.store().await, &place.store().await];
    let (_, grant) = register(stores[0], "ada").await;
    let found = stores[1].session(grant.session()).await.unwrap();
    let turn = || {
        let rule = VerificationRule::Optional;
        session::refresh(found.as_ref(), grant.refresh_token(), rule, &POLICY, &mut moment())
    };
    let lists = (0..CALLERS).map(|_| turn().changes);
    assert_one_winner(&race(stores, lists).await, Conflict::SessionMoved);
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_of_two_programs_wait_for_each_other_and_all_succeed() {
    let place = Place::new().await;
    let stores = [&place.store().await, &place.store().await];
    let names: Vec<_> = (0..64).map(|number| format!("ada{number}")).collect();
    let outcomes = race(stores, names.iter().map(|name| registration(name).0)).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    for name in names {
        assert!(stores[0].with_email(address(&name).key()).await.unwrap().is_some());
    }
}
