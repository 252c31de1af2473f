//! Proving that mail to an address is received.

use std::sync::Arc;

use fastauth_domain::{
    email::EmailAddress,
    email_verification,
    limit::Request,
    one_time::{self, Issuer, Kind, TokenExpired, TokenInvalid, TokenRefused},
    token::Token,
    visitor::Visitor,
};
use fastauth_ports::{
    accounts::ReadAccounts, commit::Commit, one_time::ReadOneTimeTokens, unavailable::Unavailable,
};

use crate::{
    attempts::Attempts,
    limit::{LimitError, RequestLimit},
    moments::Moments,
};

/// Verifies addresses.
pub struct EmailVerifications {
    /// Finds the account of an address.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Finds the token of a link.
    pub one_time_tokens: Arc<dyn ReadOneTimeTokens>,
    /// Stores the proof.
    pub store: Arc<dyn Commit>,
    /// Counts what clients ask for.
    pub limit: RequestLimit,
    /// Gives time and randomness.
    pub moments: Moments,
    /// Issues the tokens.
    pub issuer: Issuer,
}

/// Why an address was not verified.
#[derive(Debug, thiserror::Error)]
pub enum EmailVerificationError {
    /// The token is unknown, was used, or was replaced by a newer one.
    #[error(transparent)]
    TokenInvalid(#[from] TokenInvalid),
    /// The token came too late.
    #[error(transparent)]
    TokenExpired(#[from] TokenExpired),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<TokenRefused> for EmailVerificationError {
    fn from(refused: TokenRefused) -> Self {
        match refused {
            TokenRefused::Invalid(why) => why.into(),
            TokenRefused::Expired(why) => why.into(),
        }
    }
}

impl EmailVerifications {
    /// Mails a link to the owner of the address, if there is one who needs it. The answer does not
    /// tell.
    pub async fn request(&self, email: &EmailAddress, visitor: &Visitor) -> Result<(), LimitError> {
        self.limit.admit(Request::Verify, visitor).await?;
        if !self.limit.has_room(Request::Verify, email.key()).await? {
            return Ok(());
        }
        let mut attempts = Attempts::default();
        loop {
            let found = self.accounts.with_email(email.key()).await?;
            let mut moment = self.moments.moment_of(visitor)?;
            let decision = email_verification::request(found.as_ref(), &self.issuer, &mut moment);
            if let Some(()) = attempts.commit(&*self.store, decision).await? {
                return Ok(());
            }
        }
    }

    /// Verifies the address that the token was mailed to.
    pub async fn confirm(
        &self,
        presented: &Token,
        visitor: &Visitor,
    ) -> Result<(), EmailVerificationError> {
        let kind = Kind::EmailVerification;
        let hash = one_time::hash_of(presented, kind).ok_or(TokenInvalid)?;
        let mut attempts = Attempts::default();
        loop {
            let found = self.one_time_tokens.issued(kind, hash).await?;
            let mut moment = self.moments.moment_of(visitor)?;
            let decision = email_verification::confirm(found.as_ref(), &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decision).await? {
                return Ok(answer?);
            }
        }
    }
}
