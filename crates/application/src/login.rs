//! Signing in with a password.

use std::sync::Arc;

use fastauth_domain::{
    account::Account,
    email::EmailAddress,
    gate::{self, EmailNotVerified, VerificationRule},
    guess::Guess,
    limit::TooManyAttempts,
    login::{self, Facts, InvalidCredentials, LoginRefused, PasswordCheck},
    password::PresentedPassword,
    session::{Persistence, Session, SessionPolicy},
    visitor::Visitor,
};
use fastauth_ports::{
    accounts::ReadAccounts,
    commit::Commit,
    passwords::{HashPasswords, Match, Turn},
    sessions::ReadSessions,
    unavailable::Unavailable,
};

use crate::{
    attempts::Attempts,
    guess::Guesses,
    limit::LimitError,
    moments::Moments,
    pending_requests::PendingRequests,
    tokens::{TokenIssuer, Tokens},
};

/// How many earlier sessions a device is looked for in.
pub(crate) const REMEMBERED: u32 = 100;

/// Signs people in.
pub struct Logins {
    /// Attends to registrations that were answered a moment ago.
    pub pending: Arc<PendingRequests>,
    /// Finds the account.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Finds the sessions that it had earlier.
    pub earlier: Arc<dyn ReadSessions>,
    /// Stores the session.
    pub store: Arc<dyn Commit>,
    /// Compares the password.
    pub passwords: Arc<dyn HashPasswords>,
    /// Counts the attempts.
    pub guesses: Guesses,
    /// Gives time and randomness.
    pub moments: Moments,
    /// Issues the tokens.
    pub tokens: TokenIssuer,
    /// Whether the address must be proven before.
    pub verification: VerificationRule,
    /// How long the session lasts.
    pub sessions: SessionPolicy,
}

/// What a person signs in with.
#[derive(Debug)]
pub struct Credentials {
    /// The address of the account.
    pub email: EmailAddress,
    /// Its password.
    pub password: PresentedPassword,
    /// Whether to stay signed in on this device.
    pub persistence: Persistence,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The address or the password is wrong, or the account is closed. It is not said which.
    #[error(transparent)]
    InvalidCredentials(#[from] InvalidCredentials),
    /// The password is right, but the address must be proven first.
    #[error(transparent)]
    EmailNotVerified(#[from] EmailNotVerified),
    /// The password was not looked at, because there were too many before it.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<LimitError> for LoginError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::TooManyAttempts(why) => why.into(),
            LimitError::Unavailable(why) => why.into(),
        }
    }
}

impl From<LoginRefused> for LoginError {
    fn from(refused: LoginRefused) -> Self {
        match refused {
            LoginRefused::InvalidCredentials(why) => why.into(),
            LoginRefused::EmailNotVerified(why) => why.into(),
        }
    }
}

impl Logins {
    /// Signs in. An unknown address costs as much as a known one.
    pub async fn login(
        &self,
        credentials: Credentials,
        visitor: &Visitor,
    ) -> Result<Tokens, LoginError> {
        let Credentials { email, password, persistence } = credentials;
        let turn = self.passwords.turn(&visitor.origin).await?;
        let guess = self.guesses.at_sign_in(email.key(), &visitor.origin).await?;
        self.pending.attend_to_registration(email.key()).await;
        let mut attempts = Attempts::default();
        loop {
            let found = self.accounts.with_email(email.key()).await?;
            let checked = self.check(&password, found.as_ref(), &guess, &turn).await;
            let check = self.guesses.unless_none(&guess, checked).await?;
            let earlier = self.earlier(found.as_ref(), &check, &guess).await?;
            let mut moment = self.moments.moment_of(visitor)?;
            let decision = login::login(
                Facts { account: found.as_ref(), earlier: &earlier, guess: &guess },
                check,
                persistence,
                self.verification,
                &self.sessions,
                &mut moment,
            );
            if let Some(answer) = attempts.commit(&*self.store, decision).await? {
                return Ok(self.tokens.issue(&answer?).await?);
            }
        }
    }

    /// The sessions that the account had earlier, if it is signed in to.
    async fn earlier(
        &self,
        found: Option<&Account>,
        check: &PasswordCheck,
        guess: &Guess,
    ) -> Result<Vec<Session>, Unavailable> {
        match (found, check) {
            (Some(account), PasswordCheck::Right { .. }) if self.lets_in(account, guess) => {
                self.earlier.sessions_of(account.id, REMEMBERED).await
            }
            (_, PasswordCheck::Right { .. } | PasswordCheck::Wrong) => Ok(Vec::new()),
        }
    }

    /// Whether the right password opens the account. Where it does not, nothing more is done for it than
    /// for a wrong one, so that nobody can tell by the time it takes that it is right.
    fn lets_in(&self, account: &Account, guess: &Guess) -> bool {
        !guess.is_locked() && gate::admit(account, self.verification).is_ok()
    }

    async fn check(
        &self,
        password: &PresentedPassword,
        found: Option<&Account>,
        guess: &Guess,
        turn: &Turn,
    ) -> Result<PasswordCheck, Unavailable> {
        let stored = found.and_then(|account| account.password.as_ref());
        let is_let_in = found.is_some_and(|account| self.lets_in(account, guess));
        Ok(match self.passwords.verify(password, stored, turn).await? {
            Match::No => PasswordCheck::Wrong,
            Match::Yes { outdated } if outdated && is_let_in => {
                let renewed = self.passwords.renew(password, turn).await?;
                PasswordCheck::Right { renewed: Some(renewed) }
            }
            Match::Yes { .. } => PasswordCheck::Right { renewed: None },
        })
    }
}
