//! Proving that mail to an address is received.

use std::sync::Arc;

use fastauth_domain::{
    email::EmailAddress,
    email_verification,
    limit::Request,
    one_time::{self, Kind, TokenExpired, TokenInvalid, TokenRefused},
    pending_request::{PendingRequest, Wanted},
    token::Token,
    visitor::Visitor,
};
use fastauth_ports::{commit::Commit, one_time::ReadOneTimeTokens, unavailable::Unavailable};

use crate::{
    attempts::Attempts,
    limit::{LimitError, RequestLimit},
    moments::Moments,
    pending_requests::keep,
};

/// Verifies addresses.
pub struct EmailVerifications {
    /// Finds the token of a link.
    pub one_time_tokens: Arc<dyn ReadOneTimeTokens>,
    /// Stores the request and the proof.
    pub store: Arc<dyn Commit>,
    /// Counts what clients ask for.
    pub limit: RequestLimit,
    /// Gives time and randomness.
    pub moments: Moments,
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
    /// Keeps the wish that a link be mailed to the owner of the address, if there is one who needs it.
    /// Nobody looks whether there is before the answer.
    pub async fn request(&self, email: EmailAddress, visitor: &Visitor) -> Result<(), LimitError> {
        let keep = async {
            let mut moment = self.moments.moment_of(visitor)?;
            let request =
                PendingRequest::new(email.clone(), Wanted::EmailVerification, &mut moment);
            keep(&*self.store, request).await
        };
        self.limit.link(Request::Verify, email.key(), visitor, keep).await
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
