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
    commit::{Applied, violation},
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
            Some(IssuedToken { token: *token, account })
        }))
    }
}

impl State {
    pub(crate) fn apply_to_one_time_tokens(&mut self, change: &Change) -> Applied {
        match change {
            Change::Issue(token) if self.accounts.get(token.account).is_none() => {
                Err(violation("there is no such account"))
            }
            Change::Issue(token) => self.one_time_tokens.issue(*token),
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
        self.insert(token);
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
        let found = self.by_hash.get(&key(consumption.kind(), consumption.hash())).copied();
        let token = found
            .filter(|token| consumption.now() < token.expires_at)
            .ok_or(Conflict::TokenSpent)?;
        self.remove(&token);
        Ok(Box::new(move |state| state.one_time_tokens.insert(token)))
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
        self.by_hash.insert(key, token);
        self.by_account.insert((token.account, token.kind.name()), key);
    }

    fn remove(&mut self, token: &OneTimeToken) {
        self.by_hash.remove(&key(token.kind, &token.hash));
        self.by_account.remove(&(token.account, token.kind.name()));
    }
}

fn key(kind: Kind, hash: &TokenHash) -> Key {
    (kind.name(), *hash.as_bytes())
}
