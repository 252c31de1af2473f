//! Recognising who calls.

use std::sync::Arc;

use fastauth_domain::{
    account::Account,
    gate::{self, VerificationRule},
    identifier::SessionId,
    token::Token,
};
use fastauth_ports::{
    access_tokens::{AccessTokens, InvalidAccessToken},
    clock::Clock,
    sessions::ReadSessions,
    unavailable::Unavailable,
};

/// Recognises the holders of access tokens.
pub struct Accounts {
    /// Checks the token.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Finds the session and its account, perhaps as they were a moment ago.
    pub sessions: Arc<dyn ReadSessions>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Whether the address must be proven.
    pub verification: VerificationRule,
}

/// Who calls, and in which session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account as it is stored now.
    pub account: Account,
    /// The session the access token was issued in.
    pub session: SessionId,
}

/// Why a caller was not recognised.
#[derive(Debug, thiserror::Error)]
pub enum IdentifyError {
    /// The token is not in force, or its session or account no longer is. It is not said which.
    #[error(transparent)]
    InvalidAccessToken(#[from] InvalidAccessToken),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Accounts {
    /// Recognises the holder of an access token whose session is alive and whose account is active: a
    /// logout, a reset or a closed account is noticed as soon as `sessions` tells of it. One query at
    /// most; none for a token that this server did not make.
    pub async fn identify(&self, token: &Token) -> Result<Caller, IdentifyError> {
        let now = self.clock.now();
        let claims = self.access_tokens.verify(token, now)?;
        let found = self.sessions.session(claims.session).await?.ok_or(InvalidAccessToken)?;
        let live =
            gate::recognise(&found, self.verification, now).map_err(|_| InvalidAccessToken)?;
        if live.account().id != claims.account {
            return Err(InvalidAccessToken.into());
        }
        Ok(Caller { account: live.account().clone(), session: live.session() })
    }
}
