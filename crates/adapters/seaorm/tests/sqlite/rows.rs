//! Rows that this program never writes are refused, and what belongs to an account goes with it.

use std::time::Duration;

use fastauth_domain::{
    change::{Change, Changes},
    one_time::{self, OneTimeToken},
    role::{self, Rights},
};
use fastauth_ports::{
    accounts::ReadAccounts, commit::Commit, mail::ClaimMail, one_time::ReadOneTimeTokens,
    roles::ReadRoles, sessions::ReadSessions,
};
use sea_orm::ConnectionTrait;

use crate::{
    place::Place,
    world::{NOW, address, moment, registration},
};

/// What reading says about a row that was tampered with.
async fn read_after(tampering: &str) -> String {
    let place = Place::new().await;
    let store = place.store().await;
    let (changes, grant) = registration("ada");
    store.commit(&changes).await.unwrap();
    place.stranger().await.execute_unprepared(tampering).await.unwrap();
    let token = issued(&changes);
    let outcomes = [
        store.with_email(address("ada").key()).await.map(drop),
        store.session(grant.session()).await.map(drop),
        store.issued(token.kind, token.hash).await.map(drop),
    ];
    outcomes.into_iter().find_map(Result::err).unwrap().to_string()
}

/// The token that a list of changes issues.
fn issued(changes: &Changes) -> OneTimeToken {
    for change in changes {
        if let Change::OneTime(one_time::Change::Issue(token)) = change {
            return token.clone();
        }
    }
    panic!("nothing is issued by {changes:?}")
}

#[tokio::test]
async fn an_impossible_row_is_refused_by_its_table_and_column() {
    for (table, column, value) in [
        ("account", "email", "'not an address'"),
        ("account", "email", "'somebody.else@example.com'"),
        ("account", "name", "'two' || char(10) || 'lines'"),
        ("session", "secret_hash", "x'0102'"),
        ("session", "generation", "-1"),
        ("session", "generation", "4294967296"),
    ] {
        let error = read_after(&format!("UPDATE {table} SET {column} = {value}")).await;
        assert!(error.contains(&format!("table {table}")), "{error}");
        assert!(error.contains(column), "{error}");
        assert!(!error.contains("example.com"), "{error}");
    }
}

#[tokio::test]
async fn roles_that_make_no_sense_permit_nothing() {
    for tampering in [
        "INSERT INTO role VALUES ('Editor')",
        "UPDATE role_permission SET permission = 'roles:Manage'",
        "UPDATE role_permission SET permission = '*'",
    ] {
        let place = Place::new().await;
        let store = place.store().await;
        let (changes, grant) = registration("ada");
        store.commit(&changes).await.unwrap();
        let (ada, nothing) = (grant.account(), Some(&Rights::default()));
        let made = role::make_administrator(ada, nothing, None, None, &mut moment());
        store.commit(&made.unwrap()).await.unwrap();
        place.stranger().await.execute_unprepared(tampering).await.unwrap();
        let error = store.roles().await.unwrap_err().to_string();
        assert!(error.contains("impossible"), "{error}");
        let rights = store.rights(ada).await;
        assert!(tampering.starts_with("INSERT") || rights.is_err(), "{rights:?}");
    }
}

#[tokio::test]
async fn a_mail_that_makes_no_sense_does_not_hold_up_the_others() {
    let place = Place::new().await;
    let store = place.store().await;
    for name in ["ada", "bob", "cleo"] {
        store.commit(&registration(name).0).await.unwrap();
    }
    let tampering = "UPDATE outbox SET topic = 'unheard_of' WHERE recipient LIKE 'ada%'";
    place.stranger().await.execute_unprepared(tampering).await.unwrap();
    let lease = Duration::from_mins(1);
    let claimed = store.claim(NOW, lease, 10).await.unwrap();
    assert_eq!(claimed.len(), 2);
    assert!(store.claim(NOW, lease, 10).await.unwrap().is_empty());
    assert_eq!(store.claim(NOW.plus(lease), lease, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_an_accounts_goes_with_it_and_history_stays() {
    let place = Place::new().await;
    let store = place.store().await;
    let (changes, grant) = registration("ada");
    store.commit(&changes).await.unwrap();
    let ada = grant.account();
    let made = role::make_administrator(ada, Some(&Rights::default()), None, None, &mut moment());
    store.commit(&made.unwrap()).await.unwrap();
    let stranger = place.stranger().await;
    stranger.execute_unprepared("DELETE FROM account").await.unwrap();
    let token = issued(&changes);
    assert!(store.session(grant.session()).await.unwrap().is_none());
    assert!(store.issued(token.kind, token.hash).await.unwrap().is_none());
    assert!(store.rights(ada).await.unwrap().is_none());
    assert!(store.administrators().await.unwrap().holds.is_empty());
    for (table, rows) in [
        ("session", 0),
        ("one_time_token", 0),
        ("account_role", 0),
        ("role", 1),
        ("audit_event", 4),
    ] {
        let deleted = stranger.execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
        assert_eq!(deleted.rows_affected(), rows, "{table}");
    }
}
