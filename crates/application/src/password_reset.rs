//! Replacing a forgotten password by way of the mailbox.

use std::sync::Arc;

use fastauth_domain::{
    email::EmailAddress,
    limit::Request,
    one_time::{self, IssuedToken, Kind, TokenExpired, TokenInvalid, TokenRefused},
    password::{NewPassword, PasswordHash, PasswordPolicy, UnacceptablePassword},
    password_reset,
    pending_request::{PendingRequest, Wanted},
    token::Token,
    visitor::Visitor,
};
use fastauth_ports::{
    commit::Commit, one_time::ReadOneTimeTokens, passwords::HashPasswords, unavailable::Unavailable,
};
use secrecy::SecretString;

use crate::{
    attempts::Attempts,
    breaches::{BreachError, Breaches},
    limit::{LimitError, RequestLimit},
    moments::Moments,
    pending_requests::keep,
};

/// Resets passwords.
pub struct PasswordResets {
    /// Finds the token of a link.
    pub one_time_tokens: Arc<dyn ReadOneTimeTokens>,
    /// Stores the request and the reset.
    pub store: Arc<dyn Commit>,
    /// Hashes the new password.
    pub passwords: Arc<dyn HashPasswords>,
    /// Counts what clients ask for.
    pub limit: RequestLimit,
    /// Gives time and randomness.
    pub moments: Moments,
    /// Which passwords are accepted.
    pub password_policy: PasswordPolicy,
    /// Which are known from breaches.
    pub breaches: Breaches,
}

/// Why a password was not replaced. The token is spent in no case.
#[derive(Debug, thiserror::Error)]
pub enum PasswordResetError {
    /// The token is unknown, was used, or was replaced by a newer one.
    #[error(transparent)]
    TokenInvalid(#[from] TokenInvalid),
    /// The token came too late.
    #[error(transparent)]
    TokenExpired(#[from] TokenExpired),
    /// The new password is not accepted.
    #[error(transparent)]
    UnacceptablePassword(#[from] UnacceptablePassword),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<TokenRefused> for PasswordResetError {
    fn from(refused: TokenRefused) -> Self {
        match refused {
            TokenRefused::Invalid(why) => why.into(),
            TokenRefused::Expired(why) => why.into(),
        }
    }
}

impl From<BreachError> for PasswordResetError {
    fn from(error: BreachError) -> Self {
        match error {
            BreachError::UnacceptablePassword(why) => why.into(),
            BreachError::Unavailable(why) => why.into(),
        }
    }
}

impl PasswordResets {
    /// Keeps the wish that a link be mailed to the owner of the address, if there is one. Nobody looks
    /// whether there is before the answer.
    pub async fn request(&self, email: EmailAddress, visitor: &Visitor) -> Result<(), LimitError> {
        let keep = async {
            let mut moment = self.moments.moment_of(visitor)?;
            let request = PendingRequest::new(email.clone(), Wanted::PasswordReset, &mut moment);
            keep(&*self.store, request).await
        };
        self.limit.link(Request::Reset, email.key(), visitor, keep).await
    }

    /// Whose password the token may replace, for whoever holds it to see. The token is not spent.
    pub async fn owner(
        &self,
        presented: &Token,
    ) -> Result<Result<EmailAddress, TokenRefused>, Unavailable> {
        let found = self.issued(presented).await?;
        let consumable = one_time::consume_once(found.as_ref(), self.moments.clock.now());
        Ok(consumable.map(|(account, _)| account.email.clone()))
    }

    /// Replaces the password of the account that the token was mailed to, and ends its sessions.
    pub async fn confirm(
        &self,
        presented: &Token,
        new_password: &SecretString,
        visitor: &Visitor,
    ) -> Result<(), PasswordResetError> {
        let mut attempts = Attempts::default();
        let mut found = self.issued(presented).await?;
        let password = self.hashed(found.as_ref(), new_password, visitor).await?;
        loop {
            let mut moment = self.moments.moment_of(visitor)?;
            let decision = password_reset::confirm(found.as_ref(), password.clone(), &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decision).await? {
                return Ok(answer?);
            }
            found = self.issued(presented).await?;
        }
    }

    /// The hash of a password that the owner of the token may have. Nobody is asked about a password,
    /// and none is hashed, for a token that does not work.
    async fn hashed(
        &self,
        found: Option<&IssuedToken>,
        new_password: &SecretString,
        visitor: &Visitor,
    ) -> Result<PasswordHash, PasswordResetError> {
        let (account, _) = one_time::consume_once(found, self.moments.clock.now())?;
        let password = NewPassword::parse(new_password, account.into(), &self.password_policy)?;
        self.breaches.admit(&password).await?;
        let turn = self.passwords.turn(&visitor.origin).await?;
        Ok(self.passwords.hash(&password, &turn).await?)
    }

    async fn issued(&self, presented: &Token) -> Result<Option<IssuedToken>, Unavailable> {
        match one_time::hash_of(presented, Kind::PasswordReset) {
            Some(hash) => self.one_time_tokens.issued(Kind::PasswordReset, hash).await,
            None => Ok(None),
        }
    }
}
