//! What is decided for whoever runs the server.

use fastauth_domain::{
    account::{self, Account},
    audit::{self, Event, EventKind},
    change::{Change, Changes},
    deletion::{self, Deletion},
    moment::Moment,
    password::PasswordHash,
    provisioning::{FirstPassword, Provision, provision},
    register::UserAlreadyExists,
    visitor::{DeviceName, Origin, Visitor},
};

use crate::support::{MINUTE, address, hash, issuer, moment, verified};

fn operator() -> Visitor {
    let origin = Origin { device: DeviceName::of("a command line"), ..Origin::default() };
    Visitor { language: None, origin }
}

fn here() -> Moment {
    moment(MINUTE).of(&operator())
}

fn new(password: FirstPassword<PasswordHash>) -> Provision<PasswordHash> {
    Provision { email: address(), name: None, is_verified: false, password }
}

fn recorded(change: &Change) -> Option<&Event> {
    match change {
        Change::Audit(audit::Change::Record(event)) => Some(event),
        _ => None,
    }
}

fn topic(change: &Change) -> Option<&str> {
    match change {
        Change::Mail(mail) => Some(mail.message.topic()),
        _ => None,
    }
}

fn events(changes: &Changes) -> Vec<&Event> {
    changes.iter().filter_map(recorded).collect()
}

fn kinds(changes: &Changes) -> Vec<EventKind> {
    events(changes).iter().map(|event| event.kind).collect()
}

fn topics(changes: &Changes) -> Vec<&str> {
    changes.iter().filter_map(topic).collect()
}

/// What is written to make an account, and the account.
fn made(new: &Provision<PasswordHash>) -> (Changes, Account) {
    let decision = provision(None, new, &issuer(), &mut here());
    let account = decision.answer.unwrap();
    let is_it = |change: &Change| match change {
        Change::Account(account::Change::Create(created)) => *created == account,
        _ => false,
    };
    assert!(decision.changes.iter().any(is_it));
    (decision.changes, account)
}

#[test]
fn an_account_with_a_password_is_to_be_verified_as_if_its_owner_had_registered() {
    let (changes, account) = made(&new(FirstPassword::Chosen(hash())));
    assert_eq!((account.password, account.verified_at), (Some(hash()), None));
    assert_eq!(topics(&changes), ["verify_email"]);
    assert_eq!(kinds(&changes), [EventKind::Registered]);
    assert!(!changes.iter().any(|change| matches!(change, Change::Session(_))));
}

#[test]
fn an_address_that_is_known_is_proven_and_nobody_is_bothered() {
    let known = Provision { is_verified: true, ..new(FirstPassword::Chosen(hash())) };
    let (changes, account) = made(&known);
    assert!(account.verified_at.is_some());
    assert!(topics(&changes).is_empty());
    assert_eq!(kinds(&changes), [EventKind::Registered, EventKind::EmailVerified]);
}

#[test]
fn an_account_without_a_password_waits_for_its_owner() {
    let (changes, account) = made(&new(FirstPassword::LeftToOwner));
    assert_eq!(account.password, None);
    assert!(topics(&changes).is_empty());
}

#[test]
fn whoever_is_invited_is_mailed_a_link_to_choose_a_password() {
    let (changes, account) = made(&new(FirstPassword::Invited));
    assert_eq!(account.password, None);
    assert_eq!(topics(&changes), ["reset_password"]);
    assert_eq!(kinds(&changes), [EventKind::Registered, EventKind::PasswordResetRequested]);
}

#[test]
fn a_taken_address_is_refused_and_its_owner_hears_nothing() {
    let (owner, new) = (verified(), new(FirstPassword::Invited));
    let decision = provision(Some(&owner), &new, &issuer(), &mut here());
    assert_eq!(decision.answer, Err(UserAlreadyExists));
    assert!(decision.changes.is_empty());
}

#[test]
fn what_is_left_of_an_account_says_where_it_was_removed_only_if_that_was_not_the_owner() {
    let account = verified();
    let origin = |changes: &Changes| events(changes).last().unwrap().origin.clone();
    let removed = deletion::remove(&account, &mut here());
    assert_eq!(kinds(&removed.changes), [EventKind::AccountErased]);
    assert_eq!(origin(&removed.changes), operator().origin);
    let left = deletion::delete(&account, Deletion::Hard, &mut here());
    assert_eq!(origin(&left.changes), Origin::default());
}
