//! Asking somebody who is signed in for the password again.

use std::sync::Arc;

use fastauth_domain::{
    account::Account,
    identifier::AccountId,
    password::PresentedPassword,
    password_change::{self, WrongPassword},
    visitor::Visitor,
};
use fastauth_ports::{
    accounts::ReadAccounts,
    commit::Commit,
    passwords::{HashPasswords, Match},
    unavailable::Unavailable,
};

use crate::{attempts::Attempts, moments::Moments};

/// Asks for passwords.
#[derive(Clone)]
pub struct PasswordProofs {
    /// Finds the account.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Stores what was decided.
    pub store: Arc<dyn Commit>,
    /// Compares the password.
    pub passwords: Arc<dyn HashPasswords>,
    /// Gives time and randomness.
    pub moments: Moments,
}

/// Why somebody was not believed.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// It is not the account's password; also where the account has none, or is gone.
    #[error(transparent)]
    WrongPassword(#[from] WrongPassword),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl PasswordProofs {
    /// The account as it is stored at the moment, if this is its password.
    pub(crate) async fn prove(
        &self,
        id: AccountId,
        password: &PresentedPassword,
        visitor: &Visitor,
    ) -> Result<Account, ProofError> {
        let account = self.accounts.with_id(id).await?.ok_or(WrongPassword)?;
        match self.passwords.verify(password, account.password.as_ref()).await? {
            Match::Yes { .. } => Ok(account),
            Match::No => {
                let decision =
                    password_change::refuse(&account, &mut self.moments.moment_of(visitor)?);
                let refused = Attempts::default().commit(&*self.store, decision).await?;
                // Nothing is expected of the store, so that nobody can be faster.
                Err(refused.unwrap_or(WrongPassword).into())
            }
        }
    }
}
