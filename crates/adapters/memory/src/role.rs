//! Roles, found by name, by account and by who has them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use fastauth_domain::{
    change::Conflict,
    identifier::AccountId,
    role::{Administrators, Change, GuardVersion, Hold, Permission, Rights, Role, RoleName},
};
use fastauth_ports::{roles::ReadRoles, unavailable::Unavailable};

use crate::{
    MemoryStore, State,
    commit::{Applied, Undo},
};

/// Who has a role may include accounts that are gone: nothing is told of those.
#[derive(Debug)]
pub(crate) struct Roles {
    guard: GuardVersion,
    permissions: BTreeMap<RoleName, BTreeSet<Permission>>,
    by_account: HashMap<AccountId, BTreeSet<RoleName>>,
    by_role: HashMap<RoleName, BTreeSet<AccountId>>,
}

impl Default for Roles {
    fn default() -> Self {
        Self {
            guard: GuardVersion::FIRST,
            permissions: BTreeMap::new(),
            by_account: HashMap::new(),
            by_role: HashMap::new(),
        }
    }
}

#[async_trait]
impl ReadRoles for MemoryStore {
    async fn rights(&self, account: AccountId) -> Result<Option<Rights>, Unavailable> {
        let state = self.state();
        Ok(state.accounts.get(account).map(|account| state.roles.rights(account.id)))
    }

    async fn role(&self, name: &RoleName) -> Result<Option<Role>, Unavailable> {
        let found = self.state().roles.permissions.get(name).cloned();
        Ok(found.map(|permissions| Role { name: name.clone(), permissions }))
    }

    async fn roles(&self) -> Result<Vec<Role>, Unavailable> {
        let all = self.state().roles.permissions.clone();
        Ok(all.into_iter().map(|(name, permissions)| Role { name, permissions }).collect())
    }

    async fn administrators(&self) -> Result<Administrators, Unavailable> {
        let state = self.state();
        let holds = state.roles.holds(|id| {
            state.accounts.get(*id).is_some_and(|account| account.disabled_at.is_none())
        });
        Ok(Administrators { guard: state.roles.guard, holds })
    }
}

impl State {
    pub(crate) fn apply_to_roles(&mut self, change: &Change) -> Applied {
        let is_account = |id| self.accounts.get(id).is_some();
        match change {
            Change::Assign { account, .. } if !is_account(*account) => {
                Err(Conflict::RolesMoved.into())
            }
            Change::Assign { account, role } => self.roles.assign(*account, role),
            Change::Revoke { account, role } => Ok(self.roles.revoke(*account, role)),
            Change::MoveGuard { from } => self.roles.move_guard(*from),
            Change::Create(name) => self.roles.create(name),
            Change::Delete(name) => Ok(self.roles.delete(name)),
            Change::Grant { role, permissions } => {
                let held = self.roles.permissions.get(role).ok_or(Conflict::RolesMoved)?;
                let permissions = held.union(permissions).cloned().collect();
                Ok(self.roles.redefine(role, permissions))
            }
            Change::Withdraw { role, permissions } => {
                let Some(held) = self.roles.permissions.get(role) else { return Ok(nothing()) };
                let permissions = held.difference(permissions).cloned().collect();
                Ok(self.roles.redefine(role, permissions))
            }
        }
    }
}

impl Roles {
    fn rights(&self, account: AccountId) -> Rights {
        let roles = self.by_account.get(&account).cloned().unwrap_or_default();
        let defined = roles.iter().filter_map(|role| self.permissions.get(role));
        let permissions = defined.flatten().cloned().collect();
        Rights { roles, permissions }
    }

    /// Every way in which those accounts may manage roles.
    fn holds(&self, is_active: impl Fn(&AccountId) -> bool) -> BTreeSet<Hold> {
        let mut holds = BTreeSet::new();
        for (role, permissions) in &self.permissions {
            for permission in permissions.iter().filter(|it| it.covers(&Permission::MANAGE_ROLES)) {
                let holders = self.by_role.get(role).into_iter().flatten();
                holds.extend(holders.filter(|id| is_active(id)).map(|account| Hold {
                    account: *account,
                    role: role.clone(),
                    permission: permission.clone(),
                }));
            }
        }
        holds
    }

    fn move_guard(&mut self, from: GuardVersion) -> Applied {
        if self.guard != from {
            return Err(Conflict::RolesMoved.into());
        }
        self.guard = from.next();
        Ok(Box::new(move |state| state.roles.guard = from))
    }

    fn create(&mut self, name: &RoleName) -> Applied {
        if self.permissions.contains_key(name) {
            return Err(Conflict::RoleTaken.into());
        }
        self.permissions.insert(name.clone(), BTreeSet::new());
        let name = name.clone();
        Ok(Box::new(move |state| {
            state.roles.permissions.remove(&name);
        }))
    }

    fn delete(&mut self, name: &RoleName) -> Undo {
        let Some(permissions) = self.permissions.remove(name) else { return nothing() };
        let holders = self.by_role.get(name).cloned().unwrap_or_default();
        for account in &holders {
            self.unlink(*account, name);
        }
        let name = name.clone();
        Box::new(move |state| {
            for account in holders {
                state.roles.link(account, &name);
            }
            state.roles.permissions.insert(name, permissions);
        })
    }

    fn redefine(&mut self, role: &RoleName, permissions: BTreeSet<Permission>) -> Undo {
        let before = self.permissions.insert(role.clone(), permissions);
        let role = role.clone();
        Box::new(move |state| {
            state.roles.permissions.insert(role, before.unwrap_or_default());
        })
    }

    fn assign(&mut self, account: AccountId, role: &RoleName) -> Applied {
        if !self.permissions.contains_key(role) {
            return Err(Conflict::RolesMoved.into());
        }
        if !self.link(account, role) {
            return Ok(nothing());
        }
        let role = role.clone();
        Ok(Box::new(move |state| {
            state.roles.unlink(account, &role);
        }))
    }

    fn revoke(&mut self, account: AccountId, role: &RoleName) -> Undo {
        if !self.unlink(account, role) {
            return nothing();
        }
        let role = role.clone();
        Box::new(move |state| {
            state.roles.link(account, &role);
        })
    }

    /// Whether the account did not have the role.
    fn link(&mut self, account: AccountId, role: &RoleName) -> bool {
        self.by_role.entry(role.clone()).or_default().insert(account);
        self.by_account.entry(account).or_default().insert(role.clone())
    }

    /// Whether the account had the role.
    fn unlink(&mut self, account: AccountId, role: &RoleName) -> bool {
        if let Some(holders) = self.by_role.get_mut(role) {
            holders.remove(&account);
        }
        self.by_account.get_mut(&account).is_some_and(|roles| roles.remove(role))
    }
}

/// Unmakes a change that had nothing to do.
fn nothing() -> Undo {
    Box::new(|_| ())
}
