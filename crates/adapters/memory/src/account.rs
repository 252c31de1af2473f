//! Accounts, found by name or by address.

use std::collections::HashMap;

use async_trait::async_trait;
use fastauth_domain::{
    account::{Account, Change, ProfileChange, Version},
    change::Conflict,
    email::{EmailAddress, EmailKey},
    identifier::AccountId,
    time::Timestamp,
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

    async fn with_id(&self, id: AccountId) -> Result<Option<Account>, Unavailable> {
        Ok(self.state().accounts.get(id).cloned())
    }

    async fn accounts(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, Unavailable> {
        let state = self.state();
        let all = state.accounts.by_id.values();
        let mut found: Vec<_> = all.filter(|it| after.is_none_or(|after| after < it.id)).collect();
        found.sort_by_key(|account| account.id);
        Ok(found.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
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
                    account.password.clone_from(password);
                    account.version = version.next();
                })
            }
            Change::Verify { id, version, at } => accounts.change(*id, *version, |account| {
                account.verified_at.get_or_insert(*at);
            }),
            Change::SetProfile { id, profile } => accounts.set_profile(*id, profile),
            Change::SetEmail { id, version, email, at } => {
                accounts.set_email(*id, *version, email, *at)
            }
            Change::SetDisabled { id, version, since } => {
                accounts.change(*id, *version, |account| {
                    account.disabled_at = *since;
                    account.version = version.next();
                })
            }
            Change::Erase { id, version } => self.erase(*id, *version),
        }
    }
}

impl State {
    /// Removes an account with what belongs to it.
    fn erase(&mut self, id: AccountId, version: Version) -> Applied {
        let found = self.accounts.by_id.get(&id).filter(|account| account.version == version);
        let account = found.ok_or(Conflict::AccountMoved)?.clone();
        self.accounts.by_id.remove(&id);
        self.accounts.by_email.remove(account.email.key());
        let sessions = self.sessions.take_all(id);
        let tokens = self.one_time_tokens.take_all(id);
        Ok(Box::new(move |state| {
            state.accounts.by_email.insert(account.email.key().clone(), id);
            state.accounts.by_id.insert(id, account);
            state.sessions.put(sessions);
            state.one_time_tokens.put(tokens);
        }))
    }
}

impl Accounts {
    fn set_profile(&mut self, id: AccountId, profile: &ProfileChange) -> Applied {
        let version = self.by_id.get(&id).ok_or(Conflict::AccountMoved)?.version;
        let ProfileChange { name, image } = profile.clone();
        self.change(id, version, |account| {
            account.name = name.unwrap_or_else(|| account.name.take());
            account.image = image.unwrap_or_else(|| account.image.take());
        })
    }

    fn set_email(
        &mut self,
        id: AccountId,
        version: Version,
        email: &EmailAddress,
        at: Timestamp,
    ) -> Applied {
        if self.by_email.get(email.key()).is_some_and(|owner| *owner != id) {
            return Err(Conflict::EmailTaken.into());
        }
        let new = email.key().clone();
        let old = self.by_id.get(&id).map_or_else(|| new.clone(), |it| it.email.key().clone());
        let undo = self.change(id, version, |account| {
            account.email = email.clone();
            account.verified_at = Some(at);
            account.version = version.next();
        })?;
        self.by_email.remove(&old);
        self.by_email.insert(new.clone(), id);
        Ok(Box::new(move |state| {
            undo(state);
            state.accounts.by_email.remove(&new);
            state.accounts.by_email.insert(old, id);
        }))
    }

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
