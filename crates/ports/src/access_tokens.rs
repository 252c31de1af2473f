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

/// A key with which anybody can check access tokens, and nobody can make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Names the key, as the tokens do that it checks: a PASERK id (`k4.pid.…`).
    pub id: String,
    /// The key itself as PASERK (`k4.public.…`).
    pub key: String,
    /// When its tokens are no longer accepted; `None` while no end is known.
    pub expires_at: Option<Timestamp>,
}

/// Checks access tokens.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait VerifyAccessTokens: Send + Sync {
    /// Checks that a token was made by the server whose tokens these are, for this purpose, and is in
    /// force. A look at the session is the caller's business.
    fn verify(&self, token: &Token, now: Timestamp) -> Result<Claims, InvalidAccessToken>;
}

/// Makes access tokens, and checks its own.
pub trait AccessTokens: VerifyAccessTokens {
    /// Makes a token for the holder of a grant. It says what the holder may do, unless that is nothing.
    fn issue(
        &self,
        grant: &Grant,
        rights: &Rights,
        now: Timestamp,
    ) -> Result<AccessToken, Unavailable>;

    /// The keys with which others can check its tokens; none if nobody else can.
    fn public_keys(&self) -> Vec<PublicKey>;
}

#[cfg(feature = "mock")]
mockall::mock! {
    /// Access tokens that are made and checked as staged.
    pub AccessTokens {}

    impl VerifyAccessTokens for AccessTokens {
        fn verify(&self, token: &Token, now: Timestamp) -> Result<Claims, InvalidAccessToken>;
    }

    impl AccessTokens for AccessTokens {
        fn issue(
            &self,
            grant: &Grant,
            rights: &Rights,
            now: Timestamp,
        ) -> Result<AccessToken, Unavailable>;
        fn public_keys(&self) -> Vec<PublicKey>;
    }
}
