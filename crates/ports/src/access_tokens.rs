//! Access tokens.

use std::time::Duration;

use fastauth_domain::{
    gate::Grant,
    identifier::{AccountId, SessionId},
    role::Rights,
    time::Timestamp,
    token::Token,
};

use crate::unavailable::Unavailable;

/// An access token as it is handed out.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The token's text.
    pub token: Token,
    /// How long it is accepted.
    pub lifetime: Duration,
}

/// What a verified access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who it was issued to (`sub`).
    pub account: AccountId,
    /// In which session (`sid`).
    pub session: SessionId,
    /// When it was issued (`iat`).
    pub issued_at: Timestamp,
    /// When it ends (`exp`).
    pub expires_at: Timestamp,
    /// What the account might do when the token was issued (`roles`, `permissions`); nothing where tokens
    /// do not say it.
    pub rights: Rights,
}

/// The text is not an access token that this server made, or it has expired. It is not said which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the access token is invalid or has expired")]
pub struct InvalidAccessToken;

/// Makes and checks access tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait AccessTokens: Send + Sync {
    /// Makes a token for the holder of a grant. It says what the holder may do, unless that is nothing.
    fn issue(
        &self,
        grant: &Grant,
        rights: &Rights,
        now: Timestamp,
    ) -> Result<AccessToken, Unavailable>;

    /// Checks that a token was made by this server, for this purpose, and is in force. A look at
    /// the session is the caller's business.
    fn verify(&self, token: &Token, now: Timestamp) -> Result<Claims, InvalidAccessToken>;
}
