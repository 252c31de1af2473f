//! Reading accounts.

use async_trait::async_trait;
use fastauth_domain::{account::Account, email::EmailKey, identifier::AccountId};

use crate::unavailable::Unavailable;

/// Finds accounts. What was committed before the call is seen.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReadAccounts: Send + Sync {
    /// The account that has this address.
    async fn with_email(&self, key: &EmailKey) -> Result<Option<Account>, Unavailable>;

    /// The account of this name.
    async fn with_id(&self, id: AccountId) -> Result<Option<Account>, Unavailable>;

    /// At most so many accounts in the order of their names, those after a name if one is given.
    async fn accounts(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, Unavailable>;
}
