//! Asking somebody who is signed in for the password again.

use std::sync::Arc;

use fastauth_domain::{
    account::Account,
    identifier::AccountId,
    limit::TooManyAttempts,
    password::PresentedPassword,
    password_change::{self, WrongPassword},
    visitor::Visitor,
};
use fastauth_ports::{
    accounts::ReadAccounts,
    commit::Commit,
    passwords::{HashPasswords, Match, Turn},
    unavailable::Unavailable,
};

use crate::{attempts::Attempts, guess::Guesses, limit::LimitError, moments::Moments};

/// Asks for passwords.
#[derive(Clone)]
pub struct PasswordProofs {
    /// Finds the account.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Stores what was decided.
    pub store: Arc<dyn Commit>,
    /// Compares the password.
    pub passwords: Arc<dyn HashPasswords>,
    /// Counts the attempts.
    pub guesses: Guesses,
    /// Gives time and randomness.
    pub moments: Moments,
}

/// Why somebody was not believed.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// It is not the account's password; also where the account has none, or is gone.
    #[error(transparent)]
    WrongPassword(#[from] WrongPassword),
    /// The password was not looked at, because there were too many before it.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<LimitError> for ProofError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::TooManyAttempts(why) => why.into(),
            LimitError::Unavailable(why) => why.into(),
        }
    }
}

impl PasswordProofs {
    /// The account as it is stored at the moment, if this is its password.
    pub(crate) async fn prove(
        &self,
        id: AccountId,
        password: &PresentedPassword,
        visitor: &Visitor,
        turn: &Turn,
    ) -> Result<Account, ProofError> {
        let account = self.accounts.with_id(id).await?.ok_or(WrongPassword)?;
        let guess = self.guesses.when_signed_in(account.email.key()).await?;
        let checked = self.passwords.verify(password, account.password.as_ref(), turn).await;
        match self.guesses.unless_none(&guess, checked).await? {
            Match::Yes { .. } if !guess.is_locked() => {
                self.guesses.settle(guess.was_right()).await?;
                Ok(account)
            }
            Match::Yes { .. } | Match::No => {
                let decision =
                    password_change::refuse(&account, &mut self.moments.moment_of(visitor)?);
                let refused = Attempts::default().commit(&*self.store, decision).await?;
                // Nothing is expected of the store, so that nobody can be faster.
                Err(refused.unwrap_or(WrongPassword).into())
            }
        }
    }
}
