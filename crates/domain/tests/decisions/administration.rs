//! What is decided for whoever runs the server.

use std::collections::BTreeSet;

use fastauth_domain::{
    account::{self, Account},
    audit::{self, Event, EventKind},
    change::{Change, Changes},
    deletion::{self, Deletion},
    identifier::AccountId,
    moment::Moment,
    password::PasswordHash,
    provisioning::{FirstPassword, Provision, provision},
    register::UserAlreadyExists,
    role::{self, Administrators, GuardVersion, Hold, Permission, RoleName},
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
    Provision { email: address(), name: None, is_verified: false, role: None, password }
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
    let removed = deletion::remove(&account, &nobody(), &mut here()).unwrap();
    assert_eq!(kinds(&removed), [EventKind::AccountErased]);
    assert_eq!(origin(&removed), operator().origin);
    let left = deletion::delete(&account, &nobody(), Deletion::Hard, &mut here()).unwrap();
    assert_eq!(origin(&left), Origin::default());
}

/// Where nobody may manage roles.
fn nobody() -> Administrators {
    Administrators { guard: GuardVersion::FIRST, holds: BTreeSet::new() }
}

/// Where these may.
fn administrators(accounts: &[&Account]) -> Administrators {
    let hold = |account: &&Account| Hold {
        account: account.id,
        role: RoleName::ADMIN,
        permission: Permission::MANAGE_ROLES,
    };
    Administrators { guard: GuardVersion::FIRST, holds: accounts.iter().map(hold).collect() }
}

#[test]
fn the_last_administrator_is_neither_closed_nor_removed_by_anybody() {
    let (ada, bob) = (verified(), Account { id: AccountId::generate(&mut here()), ..verified() });
    let guard = role::Change::MoveGuard { from: GuardVersion::FIRST };
    let moves_the_guard = |changes: &Changes| {
        changes.iter().any(|change| matches!(change, Change::Role(change) if *change == guard))
    };
    for (known, whom, is_done) in [
        (administrators(&[&ada]), &ada, false),
        (administrators(&[&ada, &bob]), &ada, true),
        // Somebody else could become one meanwhile.
        (administrators(&[&ada]), &bob, true),
        (nobody(), &ada, true),
    ] {
        for decided in [
            deletion::delete(whom, &known, Deletion::Soft, &mut here()),
            deletion::delete(whom, &known, Deletion::Hard, &mut here()),
            deletion::disable(whom, &known, &mut here()),
            deletion::remove(whom, &known, &mut here()),
        ] {
            assert_eq!(decided.is_ok_and(|changes| moves_the_guard(&changes)), is_done);
        }
    }
    let closed = Account { disabled_at: ada.verified_at, ..ada };
    let again = deletion::disable(&closed, &nobody(), &mut here()).unwrap();
    assert!(again.is_empty());
}
