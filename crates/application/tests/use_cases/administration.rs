//! Deciding over accounts.

use std::{collections::BTreeSet, sync::Arc};

use fastauth_application::{
    administration::{Administration, AdministrationError},
    moments::Moments,
};
use fastauth_domain::{
    account::Account,
    change::Conflict,
    email::EmailAddress,
    moment::Moment,
    password::PasswordHash,
    role::{Administrators, GuardVersion},
    time::Timestamp,
    visitor::Visitor,
};
use fastauth_ports::{accounts::MockReadAccounts, commit::MockCommit, roles::MockReadRoles};
use fastauth_testkit::{clock::TurnableClock, randomness::Dice};

use crate::roles::{administrators, id};

fn account() -> Account {
    let mut moment = Moment::new(Timestamp::from_unix_micros(0), [7; 32]);
    let email = EmailAddress::parse("user@example.com").unwrap();
    Account::open(email, None, PasswordHash::from_phc("$"), &mut moment)
}

fn administration(
    accounts: MockReadAccounts,
    roles: MockReadRoles,
    store: MockCommit,
) -> Administration {
    let clock = Arc::new(TurnableClock::default());
    let moments = Moments { clock, randomness: Arc::new(Dice::default()) };
    let (accounts, store) = (Arc::new(accounts), Arc::new(store));
    Administration { accounts, roles: Arc::new(roles), store, moments }
}

/// Where nobody may manage roles.
fn nobody() -> MockReadRoles {
    let mut roles = MockReadRoles::new();
    let nobody = Administrators { guard: GuardVersion::FIRST, holds: BTreeSet::new() };
    roles.expect_administrators().returning(move || Ok(nobody.clone()));
    roles
}

#[tokio::test]
async fn an_operator_who_is_overtaken_decides_on_what_the_account_has_become() {
    let (open, moved) = (account(), account());
    let moved = Account { version: moved.version.next(), ..moved };
    let mut found = vec![open, moved].into_iter();
    let mut accounts = MockReadAccounts::new();
    accounts.expect_with_id().times(2).returning(move |_| Ok(found.next()));
    let mut store = MockCommit::new();
    let mut overtakings = 1;
    store.expect_commit().times(2).returning(move |_| {
        overtakings -= 1;
        if overtakings >= 0 { Err(Conflict::AccountMoved.into()) } else { Ok(()) }
    });
    let administration = administration(accounts, nobody(), store);
    administration.disable(account().id, &Visitor::default()).await.unwrap();
}

#[tokio::test]
async fn an_account_that_goes_meanwhile_is_not_found_and_nothing_is_said_to_be_done() {
    let mut accounts = MockReadAccounts::new();
    let mut found = vec![account()].into_iter();
    accounts.expect_with_id().times(2).returning(move |_| Ok(found.next()));
    let mut store = MockCommit::new();
    store.expect_commit().times(1).returning(|_| Err(Conflict::AccountMoved.into()));
    let administration = administration(accounts, nobody(), store);
    let gone = administration.delete(account().id, &Visitor::default()).await;
    assert!(matches!(gone, Err(AdministrationError::AccountNotFound(_))));
}

#[tokio::test]
async fn an_operator_who_loses_a_race_does_not_close_the_account_of_the_last_administrator() {
    let ada = account();
    let closed = ada.id;
    let (mut accounts, mut roles, mut store) =
        (MockReadAccounts::new(), MockReadRoles::new(), MockCommit::new());
    let mut found = vec![administrators(2, &[ada.id]), administrators(1, &[ada.id, id(2)])];
    accounts.expect_with_id().times(2).returning(move |_| Ok(Some(ada.clone())));
    roles.expect_administrators().times(2).returning(move || Ok(found.pop().unwrap()));
    store.expect_commit().times(1).returning(|_| Err(Conflict::RolesMoved.into()));
    let refused = administration(accounts, roles, store).disable(closed, &Visitor::default()).await;
    assert!(matches!(refused, Err(AdministrationError::LastAdministrator(_))), "{refused:?}");
}
