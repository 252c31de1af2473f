//! Counting attempts at passwords, before they are compared.

use std::sync::Arc;

use fastauth_domain::{
    change::Changes,
    email::EmailKey,
    guess::{self, Guess, GuessLimits},
    identifier::AccountId,
    limit::Change,
    visitor::Origin,
};
use fastauth_ports::{
    accounts::ReadAccounts, clock::Clock, commit::Commit, limits::LimitAttempts,
    sessions::ReadSessions, unavailable::Unavailable,
};

use crate::{limit::LimitError, login::REMEMBERED};

/// Limits how often passwords are guessed.
#[derive(Clone)]
pub struct Guesses {
    /// Does the counting.
    pub limits: Arc<dyn LimitAttempts>,
    /// Finds the account that may know a client.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Finds the sessions by which it knows them.
    pub sessions: Arc<dyn ReadSessions>,
    /// Takes attempts back.
    pub store: Arc<dyn Commit>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// What is allowed.
    pub policy: GuessLimits,
}

impl Guesses {
    /// Counts an attempt to sign in. Whether a client is known is looked up only where that matters,
    /// whether there is an account or not.
    pub(crate) async fn at_sign_in(
        &self,
        address: &EmailKey,
        origin: &Origin,
    ) -> Result<Guess, LimitError> {
        let now = self.clock.now();
        let mut guess = Guess::at_sign_in(self.policy, address, origin);
        while let Err(reached) = self.limits.attempt(&guess.buckets(), now).await? {
            let matters = guess.depends_on_the_client(&reached);
            let is_known = matters && self.is_known(address, origin).await?;
            guess = guess.without(&reached, is_known, now)?;
        }
        Ok(guess)
    }

    /// Counts an attempt to give a password again.
    pub(crate) async fn when_signed_in(&self, address: &EmailKey) -> Result<Guess, LimitError> {
        let now = self.clock.now();
        let mut guess = Guess::when_signed_in(self.policy, address);
        while let Err(reached) = self.limits.attempt(&guess.buckets(), now).await? {
            guess = guess.without(&reached, false, now)?;
        }
        Ok(guess)
    }

    /// What was found out about a password; if nothing was, the attempt is taken back.
    pub(crate) async fn unless_none<T>(
        &self,
        guess: &Guess,
        checked: Result<T, Unavailable>,
    ) -> Result<T, Unavailable> {
        if checked.is_err()
            && let Err(error) = self.settle(guess.was_none()).await
        {
            tracing::debug!(%error, "an attempt without an answer stays counted");
        }
        checked
    }

    /// Stores what becomes of attempts.
    pub(crate) async fn settle(&self, changes: Vec<Change>) -> Result<(), Unavailable> {
        let changes = Changes::default().with_all(changes);
        // Nothing is expected of the store, so that nobody can be faster.
        self.store.commit(&changes).await.map_err(Unavailable::new)
    }

    async fn is_known(&self, address: &EmailKey, origin: &Origin) -> Result<bool, Unavailable> {
        let found = self.accounts.with_email(address).await?;
        // Where there is no account, nobody's sessions are looked for: that takes as long.
        let id = found.map_or_else(AccountId::nobody, |account| account.id);
        let earlier = self.sessions.sessions_of(id, REMEMBERED).await?;
        Ok(guess::is_known(&earlier, origin))
    }
}
