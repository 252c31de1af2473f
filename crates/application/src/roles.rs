//! Saying who may do what.

use std::{collections::BTreeSet, sync::Arc};

use fastauth_domain::{
    identifier::AccountId,
    role::{self, Permission, Refused, Rights, Role, RoleName},
    visitor::Visitor,
};
use fastauth_ports::{commit::Commit, roles::ReadRoles, unavailable::Unavailable};

use crate::{attempts::Attempts, moments::Moments};

/// Manages roles. Whether somebody may do that is for the caller to know.
pub struct Roles {
    /// Finds roles.
    pub roles: Arc<dyn ReadRoles>,
    /// Stores them.
    pub store: Arc<dyn Commit>,
    /// Gives time and randomness.
    pub moments: Moments,
}

/// Who changes roles. The default is whoever runs the server.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// The account, if it is one.
    pub account: Option<AccountId>,
    /// What is known of where they come from.
    pub visitor: Visitor,
}

/// Why nothing was changed, or nothing found.
#[derive(Debug, thiserror::Error)]
pub enum RolesError {
    /// Roles do not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Roles {
    /// What an account may do at this moment. One query.
    pub async fn rights(&self, account: AccountId) -> Result<Rights, RolesError> {
        Ok(self.roles.rights(account).await?.ok_or(Refused::UserNotFound)?)
    }

    /// Every role, in the order of their names.
    pub async fn all(&self) -> Result<Vec<Role>, Unavailable> {
        self.roles.roles().await
    }

    /// Creates a role.
    pub async fn create(&self, role: &Role, actor: &Actor) -> Result<(), RolesError> {
        let mut attempts = Attempts::default();
        loop {
            let found = self.roles.role(&role.name).await?;
            let mut moment = self.moments.moment_of(&actor.visitor)?;
            let decided = role::create(found.as_ref(), role, actor.account, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decided.into()).await? {
                return Ok(answer?);
            }
        }
    }

    /// Creates a role that permits nothing, if there is none of that name.
    pub async fn ensure(&self, name: &RoleName) -> Result<(), Unavailable> {
        let role = Role { name: name.clone(), permissions: BTreeSet::new() };
        match self.create(&role, &Actor::default()).await {
            Err(RolesError::Unavailable(unavailable)) => Err(unavailable),
            Ok(()) | Err(RolesError::Refused(_)) => Ok(()),
        }
    }

    /// Deletes a role. Whoever has it has it no more.
    pub async fn delete(&self, name: &RoleName, actor: &Actor) -> Result<(), RolesError> {
        let mut attempts = Attempts::default();
        loop {
            let administrators = self.roles.administrators().await?;
            let found = self.roles.role(name).await?;
            let mut moment = self.moments.moment_of(&actor.visitor)?;
            let decided = role::delete(found.as_ref(), &administrators, actor.account, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decided.into()).await? {
                return Ok(answer?);
            }
        }
    }

    /// Has a role permit more. What it permits already is no error.
    pub async fn grant(
        &self,
        name: &RoleName,
        permissions: &BTreeSet<Permission>,
        actor: &Actor,
    ) -> Result<(), RolesError> {
        let mut attempts = Attempts::default();
        loop {
            let found = self.roles.role(name).await?;
            let mut moment = self.moments.moment_of(&actor.visitor)?;
            let decided = role::grant(found.as_ref(), permissions, actor.account, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decided.into()).await? {
                return Ok(answer?);
            }
        }
    }

    /// Has a role permit less. What it does not permit is no error.
    pub async fn withdraw(
        &self,
        name: &RoleName,
        permissions: &BTreeSet<Permission>,
        actor: &Actor,
    ) -> Result<(), RolesError> {
        let mut attempts = Attempts::default();
        loop {
            let administrators = self.roles.administrators().await?;
            let found = self.roles.role(name).await?;
            let mut moment = self.moments.moment_of(&actor.visitor)?;
            let (found, by) = (found.as_ref(), actor.account);
            let decided = role::withdraw(found, permissions, &administrators, by, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decided.into()).await? {
                return Ok(answer?);
            }
        }
    }

    /// Gives a role to an account. One that it has is no error.
    pub async fn assign(
        &self,
        account: AccountId,
        name: &RoleName,
        actor: &Actor,
    ) -> Result<(), RolesError> {
        let mut attempts = Attempts::default();
        loop {
            let rights = self.roles.rights(account).await?;
            let found = self.roles.role(name).await?;
            let mut moment = self.moments.moment_of(&actor.visitor)?;
            let (rights, found) = (rights.as_ref(), found.as_ref());
            let decided = role::assign(account, rights, found, actor.account, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decided.into()).await? {
                return Ok(answer?);
            }
        }
    }

    /// Takes a role from an account. One that it does not have is no error.
    pub async fn revoke(
        &self,
        account: AccountId,
        name: &RoleName,
        actor: &Actor,
    ) -> Result<(), RolesError> {
        let mut attempts = Attempts::default();
        loop {
            let administrators = self.roles.administrators().await?;
            let rights = self.roles.rights(account).await?;
            let found = self.roles.role(name).await?;
            let mut moment = self.moments.moment_of(&actor.visitor)?;
            let (rights, found, by) = (rights.as_ref(), found.as_ref(), actor.account);
            let decided = role::revoke(account, rights, found, &administrators, by, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decided.into()).await? {
                return Ok(answer?);
            }
        }
    }

    /// Gives an account the role [`RoleName::ADMIN`], which is made first if it is not there, and permits
    /// to manage roles in any case.
    pub async fn make_administrator(
        &self,
        account: AccountId,
        actor: &Actor,
    ) -> Result<(), RolesError> {
        let mut attempts = Attempts::default();
        loop {
            let rights = self.roles.rights(account).await?;
            let found = self.roles.role(&RoleName::ADMIN).await?;
            let mut moment = self.moments.moment_of(&actor.visitor)?;
            let (rights, found, by) = (rights.as_ref(), found.as_ref(), actor.account);
            let decided = role::make_administrator(account, rights, found, by, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decided.into()).await? {
                return Ok(answer?);
            }
        }
    }
}
