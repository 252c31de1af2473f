//! Whoever may manage roles, and the guard that keeps the last of them.
//!
//! Two administrators who remove each other at the same moment would each be right on their own facts.
//! So there is a guard: a version that is read together with who may manage roles, and that every change
//! that could take this from somebody moves on. Of two that were decided on one version, one is
//! committed, and the other is decided again.

use std::collections::BTreeSet;

use super::{Change, Permission, RoleName};
use crate::identifier::AccountId;

/// Counts the changes that could have taken the management of roles from somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GuardVersion(i64);

impl GuardVersion {
    /// The version of a new store.
    pub const FIRST: Self = Self(1);

    /// Reads a stored version.
    pub const fn from_stored(version: i64) -> Self {
        Self(version)
    }

    /// The number to store.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// One way in which an account that is not disabled holds [`Permission::MANAGE_ROLES`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hold {
    /// Who holds it.
    pub account: AccountId,
    /// By which role.
    pub role: RoleName,
    /// By which permission of the role: one that covers it.
    pub permission: Permission,
}

/// Whoever may manage roles, as of one version of the guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Administrators {
    /// The version.
    pub guard: GuardVersion,
    /// Every way in which an account that is not disabled holds the permission.
    pub holds: BTreeSet<Hold>,
}

/// Nobody would be left who may manage roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody would be left who may manage roles")]
pub struct LastAdministrator;

impl Administrators {
    /// Who they are.
    pub fn accounts(&self) -> BTreeSet<AccountId> {
        self.holds.iter().map(|hold| hold.account).collect()
    }

    /// Whether an account may be disabled or deleted without leaving nobody who may manage roles: what
    /// is to be committed along with it, whether the account is an administrator's or not, because it
    /// could become one meanwhile.
    pub fn let_go(&self, account: AccountId) -> Result<Change, LastAdministrator> {
        self.without(|hold| hold.account == account)
    }

    /// The same for a change by which some of the holds would end.
    pub(super) fn without(
        &self,
        ends: impl Fn(&Hold) -> bool,
    ) -> Result<Change, LastAdministrator> {
        // Where nobody may manage roles, there is nothing to lose.
        if self.holds.is_empty() || !self.holds.iter().all(ends) {
            Ok(Change::MoveGuard { from: self.guard })
        } else {
            Err(LastAdministrator)
        }
    }
}
