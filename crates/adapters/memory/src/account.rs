//! Accounts, found by name or by address.

use std::collections::HashMap;

use async_trait::async_trait;
use fastauth_domain::{
    account::{Account, Change, Version},
    change::Conflict,
    email::EmailKey,
    identifier::AccountId,
};
use fastauth_ports::{accounts::ReadAccounts, unavailable::Unavailable};

use crate::{
    MemoryStore, State,
    commit::{Applied, violation},
};

#[derive(Debug, Default)]
pub(crate) struct Accounts {
    by_id: HashMap<AccountId, Account>,
    by_email: HashMap<EmailKey, AccountId>,
}

impl Accounts {
    pub(crate) fn get(&self, id: AccountId) -> Option<&Account> {
        self.by_id.get(&id)
    }
}

#[async_trait]
impl ReadAccounts for MemoryStore {
    async fn with_email(&self, key: &EmailKey) -> Result<Option<Account>, Unavailable> {
        let state = self.state();
        let id = state.accounts.by_email.get(key);
        Ok(id.and_then(|id| state.accounts.get(*id)).cloned())
    }
}

impl State {
    pub(crate) fn apply_to_accounts(&mut self, change: &Change) -> Applied {
        let accounts = &mut self.accounts;
        match change {
            Change::Create(account) => accounts.create(account),
            Change::SignIn { id, version, at, renewed } => {
                accounts.change(*id, *version, |account| {
                    account.last_login = Some(*at);
                    if let Some(hash) = renewed {
                        account.password = Some(hash.clone());
                    }
                })
            }
            Change::SetPassword { id, version, password, at: _ } => {
                accounts.change(*id, *version, |account| {
                    account.password = Some(password.clone());
                    account.version = version.next();
                })
            }
            Change::Verify { id, version, at } => accounts.change(*id, *version, |account| {
                account.verified_at.get_or_insert(*at);
            }),
        }
    }
}

impl Accounts {
    fn create(&mut self, account: &Account) -> Applied {
        let (id, key) = (account.id, account.email.key().clone());
        if self.by_email.contains_key(&key) {
            return Err(Conflict::EmailTaken.into());
        }
        if self.by_id.contains_key(&id) {
            return Err(violation("there is an account of this name"));
        }
        self.by_email.insert(key.clone(), id);
        self.by_id.insert(id, account.clone());
        Ok(Box::new(move |state| {
            state.accounts.by_id.remove(&id);
            state.accounts.by_email.remove(&key);
        }))
    }

    /// Changes an account that is at this version.
    fn change(
        &mut self,
        id: AccountId,
        version: Version,
        change: impl FnOnce(&mut Account),
    ) -> Applied {
        let found = self.by_id.get_mut(&id).filter(|account| account.version == version);
        let account = found.ok_or(Conflict::AccountMoved)?;
        let before = account.clone();
        change(account);
        Ok(Box::new(move |state| {
            state.accounts.by_id.insert(id, before);
        }))
    }
}
