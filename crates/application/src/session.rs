//! Keeping a session going, and ending it.

use std::sync::Arc;

use fastauth_domain::{
    gate::VerificationRule,
    refresh_token::{RefreshKey, RefreshToken},
    session::{self, RefreshRefused, SessionPolicy},
    token::Token,
    visitor::Visitor,
};
use fastauth_ports::{commit::Commit, sessions::ReadSessions, unavailable::Unavailable};

use crate::{
    attempts::Attempts,
    moments::Moments,
    tokens::{TokenIssuer, Tokens},
};

/// Refreshes and ends sessions.
pub struct Sessions {
    /// Finds the session.
    pub sessions: Arc<dyn ReadSessions>,
    /// Stores its next generation, or its end.
    pub store: Arc<dyn Commit>,
    /// Gives time and randomness.
    pub moments: Moments,
    /// Issues the tokens.
    pub tokens: TokenIssuer,
    /// Opens refresh tokens.
    pub refresh_key: RefreshKey,
    /// Whether the address must be proven.
    pub verification: VerificationRule,
    /// How long sessions last, and how refresh tokens repeat.
    pub policy: SessionPolicy,
}

/// Why a session was not refreshed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token opens nothing: unknown, or its session has ended, or its account is closed.
    #[error("the refresh token is invalid or has expired")]
    InvalidRefreshToken,
    /// The token was used before. Its session has been ended.
    #[error("the refresh token has been used before; its session has ended")]
    RefreshTokenReused,
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<RefreshRefused> for RefreshError {
    fn from(refused: RefreshRefused) -> Self {
        match refused {
            RefreshRefused::Invalid => Self::InvalidRefreshToken,
            RefreshRefused::Reused => Self::RefreshTokenReused,
        }
    }
}

impl Sessions {
    /// Exchanges a refresh token for the next pair. A forged one costs no query.
    pub async fn refresh(
        &self,
        presented: &Token,
        visitor: &Visitor,
    ) -> Result<Tokens, RefreshError> {
        let token = RefreshToken::open(presented, &self.refresh_key)
            .ok_or(RefreshError::InvalidRefreshToken)?;
        let mut attempts = Attempts::default();
        loop {
            let found = self.sessions.session(token.session()).await?;
            let mut moment = self.moments.moment_of(visitor)?;
            let decision = session::refresh(
                found.as_ref(),
                &token,
                self.verification,
                &self.policy,
                &mut moment,
            );
            if let Some(answer) = attempts.commit(&*self.store, decision).await? {
                return Ok(self.tokens.issue(&answer?).await?);
            }
        }
    }

    /// Ends the session of a refresh token. One that opens nothing ends nothing, and is no error.
    pub async fn logout(&self, presented: &Token, visitor: &Visitor) -> Result<(), Unavailable> {
        let Some(token) = RefreshToken::open(presented, &self.refresh_key) else {
            return Ok(());
        };
        let mut attempts = Attempts::default();
        loop {
            let found = self.sessions.session(token.session()).await?;
            let session = found.as_ref().map(|found| &found.session);
            let mut moment = self.moments.moment_of(visitor)?;
            let decision = session::logout(session, &token, &mut moment);
            if let Some(()) = attempts.commit(&*self.store, decision).await? {
                return Ok(());
            }
        }
    }
}
