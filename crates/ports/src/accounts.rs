//! Reading accounts.

use async_trait::async_trait;
use fastauth_domain::{account::Account, email::EmailKey};

use crate::unavailable::Unavailable;

/// Finds accounts. What was committed before the call is seen.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReadAccounts: Send + Sync {
    /// The account that has this address.
    async fn with_email(&self, key: &EmailKey) -> Result<Option<Account>, Unavailable>;
}
