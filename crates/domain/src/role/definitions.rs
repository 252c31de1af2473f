//! What roles there are, and what each permits.
//!
//! `by` says which account does it; `None` is whoever runs the server.

use std::collections::BTreeSet;

use super::{Administrators, Change, MAX_PERMISSIONS, Permission, Refused, Role, RoleName};
use crate::{
    audit::{Event, EventKind},
    change::Changes,
    identifier::AccountId,
    moment::Moment,
};

/// Decides that a role is created, given the one of that name.
pub fn create(
    found: Option<&Role>,
    role: &Role,
    by: Option<AccountId>,
    moment: &mut Moment,
) -> Result<Changes, Refused> {
    if found.is_some() {
        return Err(Refused::RoleAlreadyExists);
    }
    let Role { name, permissions } = role;
    if permissions.len() > MAX_PERMISSIONS {
        return Err(Refused::TooManyPermissions);
    }
    let changes = Changes::default()
        .with(Change::Create(name.clone()))
        .with_any(granting(name, permissions))
        .with(Event::new(EventKind::RoleCreated, moment).by(by).telling(name));
    Ok(tell_each(changes, EventKind::RolePermissionGranted, name, permissions, by, moment))
}

/// Decides that a role is deleted. Whoever has it has it no more.
pub fn delete(
    found: Option<&Role>,
    administrators: &Administrators,
    by: Option<AccountId>,
    moment: &mut Moment,
) -> Result<Changes, Refused> {
    let name = &found.ok_or(Refused::RoleNotFound)?.name;
    let guard = administrators.without(|hold| hold.role == *name)?;
    Ok(Changes::default()
        .with(guard)
        .with(Change::Delete(name.clone()))
        .with(Event::new(EventKind::RoleDeleted, moment).by(by).telling(name)))
}

/// Decides that a role permits more. What it permits already is no error.
pub fn grant(
    found: Option<&Role>,
    permissions: &BTreeSet<Permission>,
    by: Option<AccountId>,
    moment: &mut Moment,
) -> Result<Changes, Refused> {
    let Role { name, permissions: held } = found.ok_or(Refused::RoleNotFound)?;
    let new: BTreeSet<_> = permissions.difference(held).cloned().collect();
    if held.len() + new.len() > MAX_PERMISSIONS {
        return Err(Refused::TooManyPermissions);
    }
    let changes = Changes::default().with_any(granting(name, &new));
    Ok(tell_each(changes, EventKind::RolePermissionGranted, name, &new, by, moment))
}

/// Decides that a role permits less. What it does not permit is no error.
pub fn withdraw(
    found: Option<&Role>,
    permissions: &BTreeSet<Permission>,
    administrators: &Administrators,
    by: Option<AccountId>,
    moment: &mut Moment,
) -> Result<Changes, Refused> {
    let Role { name, permissions: held } = found.ok_or(Refused::RoleNotFound)?;
    let lost: BTreeSet<_> = permissions.intersection(held).cloned().collect();
    if lost.is_empty() {
        return Ok(Changes::default());
    }
    let guard =
        administrators.without(|hold| hold.role == *name && lost.contains(&hold.permission))?;
    let changes = Changes::default()
        .with(guard)
        .with(Change::Withdraw { role: name.clone(), permissions: lost.clone() });
    Ok(tell_each(changes, EventKind::RolePermissionWithdrawn, name, &lost, by, moment))
}

/// The change that has a role permit this, if it is anything.
fn granting(role: &RoleName, permissions: &BTreeSet<Permission>) -> Option<Change> {
    let (role, permissions) = (role.clone(), permissions.clone());
    (!permissions.is_empty()).then_some(Change::Grant { role, permissions })
}

/// One event for each permission, so that none is cut off.
fn tell_each(
    changes: Changes,
    kind: EventKind,
    role: &RoleName,
    permissions: &BTreeSet<Permission>,
    by: Option<AccountId>,
    moment: &mut Moment,
) -> Changes {
    permissions.iter().fold(changes, |changes, permission| {
        let detail = format_args!("{role} {permission}");
        changes.with(Event::new(kind, moment).by(by).telling(detail))
    })
}
