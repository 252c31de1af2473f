//! One-time tokens, found by kind and hash, and by account and kind where one replaces another.

use std::collections::HashMap;

use async_trait::async_trait;
use fastauth_domain::{
    change::Conflict,
    identifier::AccountId,
    one_time::{Change, Consumption, IssuedToken, Kind, OneTimeToken},
    token::TokenHash,
};
use fastauth_ports::{one_time::ReadOneTimeTokens, unavailable::Unavailable};

use crate::{
    MemoryStore, State,
    commit::{Applied, Undo, violation},
};

/// The name of a kind and the bytes of a hash.
type Key = (&'static str, [u8; 32]);

#[derive(Debug, Default)]
pub(crate) struct OneTimeTokens {
    by_hash: HashMap<Key, OneTimeToken>,
    by_account: HashMap<(AccountId, &'static str), Key>,
}

#[async_trait]
impl ReadOneTimeTokens for MemoryStore {
    async fn issued(
        &self,
        kind: Kind,
        hash: TokenHash,
    ) -> Result<Option<IssuedToken>, Unavailable> {
        let state = self.state();
        let found = state.one_time_tokens.by_hash.get(&key(kind, &hash));
        Ok(found.and_then(|token| {
            let account = state.accounts.get(token.account)?.clone();
            Some(IssuedToken { token: token.clone(), account })
        }))
    }

    async fn unspent(&self, account: AccountId) -> Result<Vec<OneTimeToken>, Unavailable> {
        let state = self.state();
        let of_kind = |kind: &Kind| state.one_time_tokens.of(account, *kind).cloned();
        Ok(Kind::ALL.iter().filter_map(of_kind).collect())
    }
}

impl State {
    pub(crate) fn apply_to_one_time_tokens(&mut self, change: &Change) -> Applied {
        match change {
            Change::Issue(token) | Change::IssueFirst(token)
                if self.accounts.get(token.account).is_none() =>
            {
                Err(violation("there is no such account"))
            }
            Change::Issue(token) => self.one_time_tokens.issue(token.clone()),
            Change::IssueFirst(token) => {
                if self.one_time_tokens.of(token.account, token.kind).is_some() {
                    return Err(Conflict::TokenPending.into());
                }
                self.one_time_tokens.issue(token.clone())
            }
            Change::Withdraw { account, kind } => {
                Ok(self.one_time_tokens.withdraw(*account, *kind, |_| true))
            }
            Change::WithdrawExpired { account, kind, now } => {
                let has_expired = |token: &OneTimeToken| token.expires_at <= *now;
                Ok(self.one_time_tokens.withdraw(*account, *kind, has_expired))
            }
            Change::Consume(consumption) => self.one_time_tokens.consume_once(consumption),
        }
    }
}

impl OneTimeTokens {
    fn issue(&mut self, token: OneTimeToken) -> Applied {
        let stored = self.by_hash.get(&key(token.kind, &token.hash));
        if stored.is_some_and(|stored| stored.account != token.account) {
            return Err(violation("somebody else has this token"));
        }
        let holder = (token.account, token.kind.name());
        let earlier = self.by_account.get(&holder).and_then(|key| self.by_hash.remove(key));
        self.insert(token.clone());
        Ok(Box::new(move |state| {
            state.one_time_tokens.remove(&token);
            if let Some(earlier) = earlier {
                state.one_time_tokens.insert(earlier);
            }
        }))
    }

    /// The one door through which a single-use secret is spent, of whatever kind: under the lock,
    /// of any number of callers one finds it.
    fn consume_once(&mut self, consumption: &Consumption) -> Applied {
        let found = self.by_hash.get(&key(consumption.kind(), consumption.hash())).cloned();
        let token = found
            .filter(|token| consumption.now() < token.expires_at)
            .ok_or(Conflict::TokenSpent)?;
        self.remove(&token);
        Ok(Box::new(move |state| state.one_time_tokens.insert(token)))
    }

    /// The token that an account has of a kind.
    fn of(&self, account: AccountId, kind: Kind) -> Option<&OneTimeToken> {
        self.by_hash.get(self.by_account.get(&(account, kind.name()))?)
    }

    fn withdraw(
        &mut self,
        account: AccountId,
        kind: Kind,
        is_meant: impl Fn(&OneTimeToken) -> bool,
    ) -> Undo {
        let withdrawn = self.of(account, kind).filter(|token| is_meant(token)).cloned();
        if let Some(token) = &withdrawn {
            self.remove(token);
        }
        Box::new(move |state| state.one_time_tokens.put(withdrawn))
    }

    /// Takes every token of an account out.
    pub(crate) fn take_all(&mut self, account: AccountId) -> Vec<OneTimeToken> {
        let of_kind = |kind: &Kind| self.of(account, *kind).cloned();
        let all: Vec<_> = Kind::ALL.iter().filter_map(of_kind).collect();
        for token in &all {
            self.remove(token);
        }
        all
    }

    /// Puts tokens back.
    pub(crate) fn put(&mut self, tokens: impl IntoIterator<Item = OneTimeToken>) {
        for token in tokens {
            self.insert(token);
        }
    }

    /// Removes at most so many of which this is true, and says how many.
    pub(crate) fn remove_where(
        &mut self,
        is_dead: impl Fn(&OneTimeToken) -> bool,
        limit: usize,
    ) -> usize {
        let dead = self.by_hash.extract_if(|_, token| is_dead(token)).take(limit);
        let by_account = &mut self.by_account;
        dead.filter(|(_, token)| by_account.remove(&(token.account, token.kind.name())).is_some())
            .count()
    }

    fn insert(&mut self, token: OneTimeToken) {
        let key = key(token.kind, &token.hash);
        self.by_account.insert((token.account, token.kind.name()), key);
        self.by_hash.insert(key, token);
    }

    fn remove(&mut self, token: &OneTimeToken) {
        self.by_hash.remove(&key(token.kind, &token.hash));
        self.by_account.remove(&(token.account, token.kind.name()));
    }
}

fn key(kind: Kind, hash: &TokenHash) -> Key {
    (kind.name(), *hash.as_bytes())
}
