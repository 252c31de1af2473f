//! Sessions, found by name, and by account where all of them end.

use std::{
    cmp::Reverse,
    collections::{HashMap, hash_map::Entry},
};

use async_trait::async_trait;
use fastauth_domain::{
    change::Conflict,
    identifier::{AccountId, SessionId},
    session::{Change, Session, SignedIn},
    time::Timestamp,
};
use fastauth_ports::{sessions::ReadSessions, unavailable::Unavailable};

use crate::{
    MemoryStore, State,
    commit::{Applied, Undo, violation},
};

#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_id: HashMap<SessionId, Session>,
    by_account: HashMap<AccountId, Vec<SessionId>>,
}

#[async_trait]
impl ReadSessions for MemoryStore {
    async fn session(&self, id: SessionId) -> Result<Option<SignedIn>, Unavailable> {
        let state = self.state();
        Ok(state.sessions.by_id.get(&id).and_then(|session| {
            let account = state.accounts.get(session.account)?.clone();
            Some(SignedIn { session: session.clone(), account })
        }))
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<Session>, Unavailable> {
        let state = self.state();
        let mut found: Vec<_> = state.sessions.of(account).cloned().collect();
        found.sort_by_key(|session| Reverse((session.opened_at, session.id)));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }
}

impl State {
    pub(crate) fn apply_to_sessions(&mut self, change: &Change) -> Applied {
        match change {
            Change::Open(session) if self.accounts.get(session.account).is_none() => {
                Err(violation("there is no such account"))
            }
            Change::Open(session) => self.sessions.open(session.clone()),
            Change::Turn { id, from, at, idle_until } => {
                let found = self.sessions.by_id.get_mut(id);
                let session = found
                    .filter(|session| session.revoked_at.is_none() && session.generation == *from)
                    .ok_or(Conflict::SessionMoved)?;
                let before = session.clone();
                session.generation = from.next();
                session.turned_at = *at;
                session.idle_until = *idle_until;
                Ok(Box::new(move |state| state.sessions.restore(before)))
            }
            Change::Revoke { id, at } => Ok(revoke(&mut self.sessions.by_id, &[*id], *at)),
            Change::RevokeAll { account, at } => {
                let all: Vec<_> = self.sessions.of(*account).map(|it| it.id).collect();
                Ok(revoke(&mut self.sessions.by_id, &all, *at))
            }
            Change::RevokeOthers { account, keep, at } => {
                let all = self.sessions.of(*account).map(|it| it.id);
                let others: Vec<_> = all.filter(|id| id != keep).collect();
                Ok(revoke(&mut self.sessions.by_id, &others, *at))
            }
            Change::Trim { account, most, at } => {
                let alive = self.sessions.of(*account).filter(|it| it.is_alive(*at));
                let mut alive: Vec<_> =
                    alive.map(|it| (Reverse(it.turned_at), Reverse(it.id))).collect();
                alive.sort_unstable();
                let most = usize::try_from(most.get()).unwrap_or(usize::MAX);
                let surplus: Vec<_> =
                    alive.into_iter().skip(most).map(|(_, Reverse(id))| id).collect();
                Ok(revoke(&mut self.sessions.by_id, &surplus, *at))
            }
        }
    }
}

impl Sessions {
    /// Every session that an account has or had.
    fn of(&self, account: AccountId) -> impl Iterator<Item = &Session> {
        let ids = self.by_account.get(&account).into_iter().flatten();
        ids.filter_map(|id| self.by_id.get(id))
    }

    /// Takes every session of an account out.
    pub(crate) fn take_all(&mut self, account: AccountId) -> Vec<Session> {
        let ids = self.by_account.remove(&account).into_iter().flatten();
        ids.filter_map(|id| self.by_id.remove(&id)).collect()
    }

    /// Puts sessions back.
    pub(crate) fn put(&mut self, sessions: Vec<Session>) {
        for session in sessions {
            self.by_account.entry(session.account).or_default().push(session.id);
            self.by_id.insert(session.id, session);
        }
    }

    fn open(&mut self, session: Session) -> Applied {
        let Session { id, account, .. } = session;
        if self.by_id.contains_key(&id) {
            return Err(violation("there is a session of this name"));
        }
        self.by_id.insert(id, session);
        self.by_account.entry(account).or_default().push(id);
        Ok(Box::new(move |state| {
            state.sessions.by_id.remove(&id);
            if let Some(all) = state.sessions.by_account.get_mut(&account) {
                all.pop();
            }
        }))
    }

    /// Removes at most so many of which this is true, and says how many.
    pub(crate) fn remove_where(
        &mut self,
        is_dead: impl Fn(&Session) -> bool,
        limit: usize,
    ) -> usize {
        let dead = self.by_id.extract_if(|_, session| is_dead(session)).take(limit);
        let mut removed = 0;
        for (id, session) in dead {
            if let Entry::Occupied(mut all) = self.by_account.entry(session.account) {
                all.get_mut().retain(|other| *other != id);
                if all.get().is_empty() {
                    all.remove();
                }
            }
            removed += 1;
        }
        removed
    }

    fn restore(&mut self, before: Session) {
        self.by_id.insert(before.id, before);
    }
}

/// Ends those of the sessions that have not ended yet: the first revocation counts.
fn revoke(by_id: &mut HashMap<SessionId, Session>, ids: &[SessionId], at: Timestamp) -> Undo {
    let mut before = Vec::new();
    for id in ids {
        if let Some(session) = by_id.get_mut(id).filter(|session| session.revoked_at.is_none()) {
            before.push(session.clone());
            session.revoked_at = Some(at);
        }
    }
    Box::new(move |state| before.into_iter().for_each(|session| state.sessions.restore(session)))
}
