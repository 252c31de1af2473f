//! Roles: named sets of permissions, which accounts have any number of.
//!
//! The last active account that may manage roles keeps that right, whatever is done at the same moment:
//! see [`Administrators`].

mod administrators;
mod assignments;
mod definitions;
mod name;

use std::collections::BTreeSet;

pub use self::{
    administrators::{Administrators, GuardVersion, Hold, LastAdministrator},
    assignments::{assign, make_administrator, revoke},
    definitions::{create, delete, grant, withdraw},
    name::{InvalidPermission, InvalidRoleName, Permission, RoleName},
};
use crate::identifier::AccountId;

/// The most permissions of a role. It bounds what is read and written at a time, and is looked at when a
/// change is decided: two that are decided at the same moment may exceed it.
pub const MAX_PERMISSIONS: usize = 64;

/// The most roles of an account, in the same sense.
pub const MAX_ROLES: usize = 32;

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// What it is called. There is one role of a name.
    pub name: RoleName,
    /// What it permits.
    pub permissions: BTreeSet<Permission>,
}

impl Role {
    /// Whether one of its permissions covers what is asked.
    pub fn permits(&self, asked: &Permission) -> bool {
        self.permissions.iter().any(|held| held.covers(asked))
    }
}

/// What an account may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// The roles it has.
    pub roles: BTreeSet<RoleName>,
    /// What any of them permits.
    pub permissions: BTreeSet<Permission>,
}

impl Rights {
    /// Whether the account has a role.
    pub fn include(&self, role: &RoleName) -> bool {
        self.roles.contains(role)
    }

    /// Whether one of the permissions covers what is asked.
    pub fn permit(&self, asked: &Permission) -> bool {
        self.permissions.iter().any(|held| held.covers(asked))
    }
}

/// Why roles were left as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such role.
    #[error("there is no role of this name")]
    RoleNotFound,
    /// There is no such account.
    #[error("there is no user of this id")]
    UserNotFound,
    /// There is such a role.
    #[error("there is a role of this name")]
    RoleAlreadyExists,
    /// Nobody would be left who may manage roles.
    #[error(transparent)]
    LastAdministrator(#[from] LastAdministrator),
    /// The role would have too many permissions.
    #[error("a role has at most {MAX_PERMISSIONS} permissions")]
    TooManyPermissions,
    /// The account would have too many roles.
    #[error("a user has at most {MAX_ROLES} roles")]
    TooManyRoles,
}

/// What a decision wants done to roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Moves the guard of [`Administrators`] to the next version. Expects it at `from`; otherwise
    /// `Conflict::RolesMoved`.
    MoveGuard {
        /// The version it must be at.
        from: GuardVersion,
    },
    /// Stores a role that permits nothing yet. Expects the name to be free; otherwise
    /// `Conflict::RoleTaken`.
    Create(RoleName),
    /// Removes a role from the store and from whoever has it. Expects nothing.
    Delete(RoleName),
    /// Has a role permit more; what it permits already stays. Expects the role to be there; otherwise
    /// `Conflict::RolesMoved`.
    Grant {
        /// Which.
        role: RoleName,
        /// What; at least one.
        permissions: BTreeSet<Permission>,
    },
    /// Has a role permit less. Expects nothing.
    Withdraw {
        /// Which.
        role: RoleName,
        /// What; at least one.
        permissions: BTreeSet<Permission>,
    },
    /// Gives a role to an account, which may have it already. Expects both to be there; otherwise
    /// `Conflict::RolesMoved`.
    Assign {
        /// To whom.
        account: AccountId,
        /// Which.
        role: RoleName,
    },
    /// Takes a role from an account. Expects nothing.
    Revoke {
        /// From whom.
        account: AccountId,
        /// Which.
        role: RoleName,
    },
}
