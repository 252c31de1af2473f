//! Making an account for somebody.

use std::sync::Arc;

use fastauth_domain::{
    account::Account,
    one_time::Issuer,
    password::{NewPassword, Owner, PasswordHash, PasswordPolicy, UnacceptablePassword},
    provisioning::{self, FirstPassword, Provision},
    register::UserAlreadyExists,
    visitor::{Origin, Visitor},
};
use fastauth_ports::{
    accounts::ReadAccounts, commit::Commit, passwords::HashPasswords, unavailable::Unavailable,
};
use secrecy::SecretString;

use crate::{
    attempts::Attempts,
    breaches::{BreachError, Breaches},
    moments::Moments,
};

/// Makes accounts. Whether somebody may do that is for the caller to know.
pub struct Provisioning {
    /// Tells whether an address is taken.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Stores the account.
    pub store: Arc<dyn Commit>,
    /// Hashes the password.
    pub passwords: Arc<dyn HashPasswords>,
    /// Gives time and randomness.
    pub moments: Moments,
    /// Issues the token of the link that is mailed.
    pub issuer: Issuer,
    /// Which passwords are accepted.
    pub password_policy: PasswordPolicy,
    /// Which are known from breaches.
    pub breaches: Breaches,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// The address has an account.
    #[error(transparent)]
    UserAlreadyExists(#[from] UserAlreadyExists),
    /// The password is not accepted.
    #[error(transparent)]
    UnacceptablePassword(#[from] UnacceptablePassword),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<BreachError> for ProvisionError {
    fn from(error: BreachError) -> Self {
        match error {
            BreachError::UnacceptablePassword(why) => why.into(),
            BreachError::Unavailable(why) => why.into(),
        }
    }
}

impl Provisioning {
    /// Makes an account.
    pub async fn provision(
        &self,
        new: Provision<SecretString>,
        visitor: &Visitor,
    ) -> Result<Account, ProvisionError> {
        let Provision { email, name, is_verified, role, password } = new;
        let owner = Owner { email: &email, name: name.as_ref() };
        let password = self.hashed(password, owner, &visitor.origin).await?;
        let new = Provision { email, name, is_verified, role, password };
        let mut attempts = Attempts::default();
        loop {
            let taken = self.accounts.with_email(new.email.key()).await?;
            let mut moment = self.moments.moment_of(visitor)?;
            let decision = provisioning::provision(taken.as_ref(), &new, &self.issuer, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decision).await? {
                return Ok(answer?);
            }
        }
    }

    async fn hashed(
        &self,
        password: FirstPassword<SecretString>,
        owner: Owner<'_>,
        asked_from: &Origin,
    ) -> Result<FirstPassword<PasswordHash>, ProvisionError> {
        Ok(match password {
            FirstPassword::Chosen(chosen) => {
                let accepted = NewPassword::parse(&chosen, owner, &self.password_policy)?;
                self.breaches.admit(&accepted).await?;
                let turn = self.passwords.turn(asked_from).await?;
                FirstPassword::Chosen(self.passwords.hash(&accepted, &turn).await?)
            }
            FirstPassword::LeftToOwner => FirstPassword::LeftToOwner,
            FirstPassword::Invited => FirstPassword::Invited,
        })
    }
}
