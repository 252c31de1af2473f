//! Looking at accounts, and deciding over them, as whoever runs the server.

use std::sync::Arc;

use fastauth_domain::{
    account::Account,
    administration::{AccountNotFound, Whom},
    change::Changes,
    deletion,
    identifier::AccountId,
    moment::Moment,
    role::{Administrators, LastAdministrator},
    visitor::Visitor,
};
use fastauth_ports::{
    accounts::ReadAccounts, commit::Commit, roles::ReadRoles, unavailable::Unavailable,
};

use crate::{attempts::Attempts, moments::Moments};

/// Administers accounts. Whether somebody may do that is for the caller to know.
pub struct Administration {
    /// Finds the accounts.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Tells who may manage roles.
    pub roles: Arc<dyn ReadRoles>,
    /// Stores what was decided.
    pub store: Arc<dyn Commit>,
    /// Gives time and randomness.
    pub moments: Moments,
}

/// Why nothing was done, or nothing found.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// There is no such account.
    #[error(transparent)]
    AccountNotFound(#[from] AccountNotFound),
    /// Nobody would be left who may manage roles.
    #[error(transparent)]
    LastAdministrator(#[from] LastAdministrator),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Administration {
    /// The account that is meant.
    pub async fn find(&self, whom: &Whom) -> Result<Account, AdministrationError> {
        let found = match whom {
            Whom::Address(address) => self.accounts.with_email(address.key()).await?,
            Whom::Id(id) => self.accounts.with_id(*id).await?,
        };
        Ok(found.ok_or(AccountNotFound)?)
    }

    /// At most so many accounts, the oldest first: those after one if one is given.
    pub async fn list(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, Unavailable> {
        self.accounts.accounts(after, limit).await
    }

    /// Closes an account: its sessions end with it, and its owner is told. One that is closed stays so.
    pub async fn disable(
        &self,
        id: AccountId,
        visitor: &Visitor,
    ) -> Result<(), AdministrationError> {
        self.decide(id, visitor, deletion::disable).await
    }

    /// Opens a closed account again. One that is open stays so.
    pub async fn enable(
        &self,
        id: AccountId,
        visitor: &Visitor,
    ) -> Result<(), AdministrationError> {
        self.decide(id, visitor, |account, _, moment| Ok(deletion::enable(account, moment))).await
    }

    /// Removes everything about a person, but for the event that says so.
    pub async fn delete(
        &self,
        id: AccountId,
        visitor: &Visitor,
    ) -> Result<(), AdministrationError> {
        self.decide(id, visitor, deletion::remove).await
    }

    async fn decide(
        &self,
        id: AccountId,
        visitor: &Visitor,
        rule: fn(&Account, &Administrators, &mut Moment) -> Result<Changes, LastAdministrator>,
    ) -> Result<(), AdministrationError> {
        let mut attempts = Attempts::default();
        loop {
            let account = self.accounts.with_id(id).await?.ok_or(AccountNotFound)?;
            let administrators = self.roles.administrators().await?;
            let mut moment = self.moments.moment_of(visitor)?;
            let decided = rule(&account, &administrators, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decided.into()).await? {
                return Ok(answer?);
            }
        }
    }
}
