//! Who has which role.
//!
//! `by` says which account does it; `None` is whoever runs the server.

use std::collections::BTreeSet;

use super::{Administrators, Change, MAX_ROLES, Permission, Refused, Rights, Role, RoleName};
use crate::{
    audit::{Event, EventKind},
    change::Changes,
    identifier::AccountId,
    moment::Moment,
};

/// Decides that an account gets a role, given what it may do; `None` if there is no such account. A role
/// that it has is no error.
pub fn assign(
    account: AccountId,
    rights: Option<&Rights>,
    found: Option<&Role>,
    by: Option<AccountId>,
    moment: &mut Moment,
) -> Result<Changes, Refused> {
    let rights = rights.ok_or(Refused::UserNotFound)?;
    let role = &found.ok_or(Refused::RoleNotFound)?.name;
    if !has_room_for(role, rights)? {
        return Ok(Changes::default());
    }
    Ok(Changes::default()
        .with(Change::Assign { account, role: role.clone() })
        .with(Event::new(EventKind::RoleAssigned, moment).about(account).by(by).telling(role)))
}

/// Decides that a role is revoked from an account. One that it does not have is no error.
pub fn revoke(
    account: AccountId,
    rights: Option<&Rights>,
    found: Option<&Role>,
    administrators: &Administrators,
    by: Option<AccountId>,
    moment: &mut Moment,
) -> Result<Changes, Refused> {
    let rights = rights.ok_or(Refused::UserNotFound)?;
    let role = &found.ok_or(Refused::RoleNotFound)?.name;
    if !rights.include(role) {
        return Ok(Changes::default());
    }
    let guard = administrators.without(|hold| hold.account == account && hold.role == *role)?;
    Ok(Changes::default()
        .with(guard)
        .with(Change::Revoke { account, role: role.clone() })
        .with(Event::new(EventKind::RoleRevoked, moment).about(account).by(by).telling(role)))
}

/// Decides that an account becomes an administrator, given the role of administrators: it is created if
/// it is not there, and permits to manage roles if it did not.
pub fn make_administrator(
    account: AccountId,
    rights: Option<&Rights>,
    found: Option<&Role>,
    by: Option<AccountId>,
    moment: &mut Moment,
) -> Result<Changes, Refused> {
    let rights = rights.ok_or(Refused::UserNotFound)?;
    let (role, permission) = (RoleName::ADMIN, Permission::MANAGE_ROLES);
    let is_new = found.is_none();
    let is_unable = !found.is_some_and(|role| role.permits(&permission));
    let is_unassigned = has_room_for(&role, rights)?;
    let mut event = |kind| Event::new(kind, moment).by(by);
    let created = is_new.then(|| event(EventKind::RoleCreated).telling(&role));
    let granted = is_unable.then(|| {
        event(EventKind::RolePermissionGranted).telling(format_args!("{role} {permission}"))
    });
    let assigned =
        is_unassigned.then(|| event(EventKind::RoleAssigned).about(account).telling(&role));
    let permissions = BTreeSet::from([permission]);
    Ok(Changes::default()
        .with_any(is_new.then(|| Change::Create(role.clone())))
        .with_any(is_unable.then(|| Change::Grant { role: role.clone(), permissions }))
        .with_any(is_unassigned.then(|| Change::Assign { account, role: role.clone() }))
        .with_any(created)
        .with_any(granted)
        .with_any(assigned))
}

/// Whether a role is one more for an account, which may have so many.
fn has_room_for(role: &RoleName, rights: &Rights) -> Result<bool, Refused> {
    let is_new = !rights.include(role);
    if is_new && rights.roles.len() >= MAX_ROLES {
        return Err(Refused::TooManyRoles);
    }
    Ok(is_new)
}
