//! Sessions, found by name, and by account where all of them end.

use std::collections::{HashMap, hash_map::Entry};

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
            Some(SignedIn { session: *session, account })
        }))
    }
}

impl State {
    pub(crate) fn apply_to_sessions(&mut self, change: &Change) -> Applied {
        match change {
            Change::Open(session) if self.accounts.get(session.account).is_none() => {
                Err(violation("there is no such account"))
            }
            Change::Open(session) => self.sessions.open(*session),
            Change::Turn { id, from, at, idle_until } => {
                let found = self.sessions.by_id.get_mut(id);
                let session = found
                    .filter(|session| session.revoked_at.is_none() && session.generation == *from)
                    .ok_or(Conflict::SessionMoved)?;
                let before = *session;
                session.generation = from.next();
                session.turned_at = *at;
                session.idle_until = *idle_until;
                Ok(Box::new(move |state| state.sessions.restore(before)))
            }
            Change::Revoke { id, at } => Ok(revoke(&mut self.sessions.by_id, &[*id], *at)),
            Change::RevokeAll { account, at } => {
                let Sessions { by_id, by_account } = &mut self.sessions;
                let all = by_account.get(account).map_or(&[][..], Vec::as_slice);
                Ok(revoke(by_id, all, *at))
            }
        }
    }
}

impl Sessions {
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
            before.push(*session);
            session.revoked_at = Some(at);
        }
    }
    Box::new(move |state| before.into_iter().for_each(|session| state.sessions.restore(session)))
}
