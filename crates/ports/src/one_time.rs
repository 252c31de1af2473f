//! Reading one-time tokens.

use async_trait::async_trait;
use fastauth_domain::{
    identifier::AccountId,
    one_time::{IssuedToken, Kind, OneTimeToken},
    token::TokenHash,
};

use crate::unavailable::Unavailable;

/// Finds one-time tokens. What was committed before the call is seen.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReadOneTimeTokens: Send + Sync {
    /// The unspent token of this kind and hash with its account, whether expired or not; one query.
    async fn issued(&self, kind: Kind, hash: TokenHash)
    -> Result<Option<IssuedToken>, Unavailable>;

    /// The unspent tokens of an account, whether expired or not; at most one of each kind.
    async fn unspent(&self, account: AccountId) -> Result<Vec<OneTimeToken>, Unavailable>;
}
