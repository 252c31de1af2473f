//! What a person is shown as.

use std::sync::Arc;

use fastauth_domain::{
    account::{Account, ProfileChange},
    identifier::AccountId,
    profile,
    visitor::Visitor,
};
use fastauth_ports::{accounts::ReadAccounts, commit::Commit, unavailable::Unavailable};

use crate::{attempts::Attempts, moments::Moments};

/// Changes profiles.
pub struct Profiles {
    /// Finds the account.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Stores the change.
    pub store: Arc<dyn Commit>,
    /// Gives time and randomness.
    pub moments: Moments,
}

impl Profiles {
    /// Changes what a person is shown as, and gives the account as it is then; `None` if it is gone.
    pub async fn change(
        &self,
        id: AccountId,
        change: ProfileChange,
        visitor: &Visitor,
    ) -> Result<Option<Account>, Unavailable> {
        let mut attempts = Attempts::default();
        loop {
            let Some(_) = self.accounts.with_id(id).await? else { return Ok(None) };
            let mut moment = self.moments.moment_of(visitor)?;
            let decision = profile::change(id, change.clone(), &mut moment);
            if let Some(()) = attempts.commit(&*self.store, decision).await? {
                return self.accounts.with_id(id).await;
            }
        }
    }
}
