//! What managing roles decides.

use std::{collections::BTreeSet, time::Duration};

use fastauth_domain::{
    audit::{self, Detail, Event, EventKind},
    change::{self, Changes},
    identifier::AccountId,
    role::{
        self, Administrators, Change, GuardVersion, Hold, LastAdministrator, MAX_PERMISSIONS,
        MAX_ROLES, Permission, Refused, Rights, Role, RoleName,
    },
};

use crate::support::{MINUTE, moment};

pub(crate) fn id(number: u64) -> AccountId {
    AccountId::generate(&mut moment(Duration::from_secs(number)))
}

pub(crate) fn name(text: &str) -> RoleName {
    RoleName::parse(text).unwrap()
}

pub(crate) fn set(permissions: &[&str]) -> BTreeSet<Permission> {
    permissions.iter().map(|text| Permission::parse(text).unwrap()).collect()
}

fn role(text: &str, permissions: &[&str]) -> Role {
    Role { name: name(text), permissions: set(permissions) }
}

fn rights(roles: &[&str]) -> Rights {
    Rights { roles: roles.iter().map(|text| name(text)).collect(), ..Rights::default() }
}

/// Accounts that may manage roles, each by one permission of one role.
fn administrators(holds: &[(u64, &str, &str)]) -> Administrators {
    let hold = |(account, role, permission): &(u64, &str, &str)| Hold {
        account: id(*account),
        role: name(role),
        permission: Permission::parse(permission).unwrap(),
    };
    Administrators { guard: GuardVersion::FIRST, holds: holds.iter().map(hold).collect() }
}

pub(crate) fn role_changes(changes: &Changes) -> Vec<&Change> {
    let roles = changes.iter().filter_map(|change| match change {
        change::Change::Role(change) => Some(change),
        _ => None,
    });
    roles.collect()
}

fn events(changes: &Changes) -> Vec<&Event> {
    let events = changes.iter().filter_map(|change| match change {
        change::Change::Audit(audit::Change::Record(event)) => Some(event),
        _ => None,
    });
    events.collect()
}

#[test]
fn a_new_role_is_stored_with_what_it_permits_and_each_of_it_is_told() {
    let editor = role("editor", &["posts:edit", "posts:read"]);
    let changes = role::create(None, &editor, Some(id(1)), &mut moment(MINUTE)).unwrap();
    let granted =
        Change::Grant { role: editor.name.clone(), permissions: editor.permissions.clone() };
    assert_eq!(role_changes(&changes), [&Change::Create(editor.name.clone()), &granted]);
    let told: Vec<_> = events(&changes)
        .into_iter()
        .map(|event| (event.kind.name(), event.detail.as_ref().map_or("", Detail::as_str)))
        .collect();
    assert_eq!(
        told,
        [
            ("role_created", "editor"),
            ("role_permission_granted", "editor posts:edit"),
            ("role_permission_granted", "editor posts:read"),
        ]
    );
    assert!(events(&changes).iter().all(|event| event.actor == Some(id(1))));
    let again = role::create(Some(&editor), &editor, None, &mut moment(MINUTE));
    assert_eq!(again, Err(Refused::RoleAlreadyExists));
}

#[test]
fn what_is_so_already_changes_nothing() {
    let editor = role("editor", &["posts:edit"]);
    let (found, nobody) = (Some(&editor), administrators(&[]));
    let (moment, permissions) = (&mut moment(MINUTE), set(&["posts:edit"]));
    let (with, without) = (rights(&["editor"]), rights(&[]));
    for unchanged in [
        role::grant(found, &permissions, None, moment),
        role::withdraw(found, &set(&["posts:read"]), &nobody, None, moment),
        role::assign(id(1), Some(&with), found, None, moment),
        role::revoke(id(1), Some(&without), found, &nobody, None, moment),
    ] {
        assert_eq!(unchanged, Ok(Changes::default()));
    }
}

#[test]
fn what_is_not_there_is_named() {
    let editor = role("editor", &[]);
    let (rights, nobody) = (rights(&[]), administrators(&[]));
    let (moment, permissions) = (&mut moment(MINUTE), set(&["posts:edit"]));
    for refused in [
        role::delete(None, &nobody, None, moment),
        role::grant(None, &permissions, None, moment),
        role::withdraw(None, &permissions, &nobody, None, moment),
        role::assign(id(1), Some(&rights), None, None, moment),
        role::revoke(id(1), Some(&rights), None, &nobody, None, moment),
    ] {
        assert_eq!(refused, Err(Refused::RoleNotFound));
    }
    for refused in [
        role::assign(id(1), None, Some(&editor), None, moment),
        role::revoke(id(1), None, Some(&editor), &nobody, None, moment),
        role::make_administrator(id(1), None, Some(&editor), None, moment),
        role::assign(id(1), None, None, None, moment),
    ] {
        assert_eq!(refused, Err(Refused::UserNotFound));
    }
}

#[test]
fn there_are_only_so_many_permissions_and_roles() {
    let moment = &mut moment(MINUTE);
    let many = |count| -> BTreeSet<_> {
        (0..count).map(|nth| Permission::parse(&format!("a{nth}:b")).unwrap()).collect()
    };
    let full = Role { name: name("full"), permissions: many(MAX_PERMISSIONS) };
    assert!(role::create(None, &full, None, moment).is_ok());
    assert!(role::grant(Some(&full), &many(MAX_PERMISSIONS), None, moment).is_ok());
    let more = role::grant(Some(&full), &set(&["b:c"]), None, moment);
    assert_eq!(more, Err(Refused::TooManyPermissions));
    let fuller = Role { permissions: many(MAX_PERMISSIONS + 1), ..full.clone() };
    assert_eq!(role::create(None, &fuller, None, moment), Err(Refused::TooManyPermissions));
    let names: Vec<_> = (0..MAX_ROLES).map(|nth| format!("r{nth}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let one_more = role::assign(id(1), Some(&rights(&names)), Some(&full), None, moment);
    assert_eq!(one_more, Err(Refused::TooManyRoles));
    assert!(role::assign(id(1), Some(&rights(&names[1..])), Some(&full), None, moment).is_ok());
}

#[test]
fn whatever_could_remove_an_administrator_moves_the_guard_first() {
    let admin = role("admin", &["roles:manage", "posts:edit"]);
    let two = administrators(&[(1, "admin", "roles:manage"), (2, "admin", "roles:manage")]);
    let (found, rights, moment) = (Some(&admin), rights(&["admin"]), &mut moment(MINUTE));
    let guard = Change::MoveGuard { from: GuardVersion::FIRST };
    let editor = role("editor", &["posts:edit"]);
    for changes in [
        role::revoke(id(1), Some(&rights), found, &two, None, moment),
        role::withdraw(found, &set(&["posts:edit"]), &two, None, moment),
        role::delete(Some(&editor), &two, None, moment),
    ] {
        assert_eq!(role_changes(&changes.unwrap())[0], &guard);
    }
    for account in [1, 2, 3] {
        assert_eq!(two.let_go(id(account)), Ok(guard.clone()));
    }
}

#[test]
fn the_last_administrator_stays_one() {
    let admin = role("admin", &["roles:manage", "roles:*", "posts:edit"]);
    let (found, rights, moment) = (Some(&admin), rights(&["admin"]), &mut moment(MINUTE));
    let last = administrators(&[(1, "admin", "roles:manage"), (1, "admin", "roles:*")]);
    let both = set(&["roles:manage", "roles:*"]);
    for refused in [
        role::revoke(id(1), Some(&rights), found, &last, None, moment),
        role::withdraw(found, &both, &last, None, moment),
        role::delete(found, &last, None, moment),
    ] {
        assert_eq!(refused, Err(Refused::LastAdministrator(LastAdministrator)));
    }
    assert_eq!(last.let_go(id(1)), Err(LastAdministrator));
    assert!(last.let_go(id(2)).is_ok());
    // One of two ways is left.
    assert!(role::withdraw(found, &set(&["roles:*"]), &last, None, moment).is_ok());
    assert!(role::revoke(id(2), Some(&rights), found, &last, None, moment).is_ok());
}

#[test]
fn where_nobody_manages_roles_there_is_nothing_to_lose() {
    let (admin, nobody) = (role("admin", &["roles:manage"]), administrators(&[]));
    assert!(role::delete(Some(&admin), &nobody, None, &mut moment(MINUTE)).is_ok());
    assert!(nobody.let_go(id(1)).is_ok());
}

#[test]
fn an_administrator_is_made_out_of_what_is_there() {
    let kinds = |found: Option<&Role>, rights: &Rights| -> Vec<EventKind> {
        let made = role::make_administrator(id(1), Some(rights), found, None, &mut moment(MINUTE));
        events(&made.unwrap()).into_iter().map(|event| event.kind).collect()
    };
    let (granted, assigned) = (EventKind::RolePermissionGranted, EventKind::RoleAssigned);
    let (none, admin) = (rights(&[]), rights(&["admin"]));
    assert_eq!(kinds(None, &none), [EventKind::RoleCreated, granted, assigned]);
    assert_eq!(kinds(Some(&role("admin", &["posts:edit"])), &none), [granted, assigned]);
    for able in ["roles:manage", "roles:*", "*:*"] {
        assert_eq!(kinds(Some(&role("admin", &[able])), &none), [assigned]);
        assert_eq!(kinds(Some(&role("admin", &[able])), &admin), []);
    }
}
