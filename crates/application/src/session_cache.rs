//! Looking sessions up less often: what was found is believed for a few seconds.
//!
//! What this instance commits is seen by this instance at once. What others commit is seen after
//! `max_age` at most, by this instance's clock. Only callers are recognised this way; whoever
//! refreshes or changes anything asks the store.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use fastauth_domain::{
    account,
    change::{Change, Changes},
    identifier::{AccountId, SessionId},
    session::{self, Session, SignedIn},
    time::Timestamp,
};
use fastauth_ports::{
    clock::Clock,
    commit::{Commit, CommitError},
    sessions::ReadSessions,
    unavailable::Unavailable,
};
use quick_cache::sync::Cache;

/// How many sessions are remembered. At about a kilobyte each, they take ten megabytes.
const CAPACITY: usize = 10_000;

/// What was found of sessions, and what was changed since. A clone is the same one.
#[derive(Clone)]
pub struct SessionCache {
    found: Arc<Cache<SessionId, Arc<Remembered>>>,
    ledger: Arc<Ledger>,
    max_age: Duration,
    clock: Arc<dyn Clock>,
}

struct Remembered {
    found: SignedIn,
    /// When it was asked for.
    asked_at: Timestamp,
    /// The number of the newest change that had been made here by then.
    newest: u64,
}

impl SessionCache {
    /// Remembers what was found for less than `max_age`.
    pub fn new(max_age: Duration, clock: Arc<dyn Clock>) -> Self {
        Self::holding(CAPACITY, max_age, clock)
    }

    fn holding(capacity: usize, max_age: Duration, clock: Arc<dyn Clock>) -> Self {
        let (found, ledger) = (Arc::new(Cache::new(capacity)), Arc::<Ledger>::default());
        Self { found, ledger, max_age, clock }
    }

    /// A session if it was looked up just now, and neither it nor its account was changed here since.
    fn recall(&self, id: SessionId, now: Timestamp) -> Option<SignedIn> {
        let remembered = self.found.get(&id)?;
        let Remembered { found, asked_at, newest } = &*remembered;
        // A clock that was set back makes the past the future: nothing of it is believed.
        let is_fresh = *asked_at <= now && now.since(*asked_at) < self.max_age;
        let is_current = self.ledger.has_no_newer(Name::Session(id), *newest)
            && self.ledger.has_no_newer(Name::Account(found.account.id), *newest);
        (is_fresh && is_current).then(|| found.clone())
    }
}

/// Finds sessions in the cache, and in the store if they are not there.
pub struct CachedSessions {
    /// Finds them if need be.
    pub sessions: Arc<dyn ReadSessions>,
    /// Remembers them.
    pub cache: SessionCache,
}

#[async_trait]
impl ReadSessions for CachedSessions {
    async fn session(&self, id: SessionId) -> Result<Option<SignedIn>, Unavailable> {
        let now = self.cache.clock.now();
        if let Some(found) = self.cache.recall(id, now) {
            return Ok(Some(found));
        }
        // Before the question: a change that comes between the two makes the answer worthless.
        let newest = self.cache.ledger.newest();
        let found = self.sessions.session(id).await?;
        if let Some(found) = found.clone() {
            self.cache.found.insert(id, Arc::new(Remembered { found, asked_at: now, newest }));
        }
        Ok(found)
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<Session>, Unavailable> {
        self.sessions.sessions_of(account, limit).await
    }
}

/// A store after whose commits the cache knows what it must not believe any more.
pub struct NotingStore {
    /// Does the committing.
    pub store: Arc<dyn Commit>,
    /// Is told.
    pub cache: SessionCache,
}

#[async_trait]
impl Commit for NotingStore {
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError> {
        // However it ends: a commit that failed, or that nobody waits for any more, may have happened.
        let _noted = NotedInTheEnd { ledger: &self.cache.ledger, changes };
        self.store.commit(changes).await
    }
}

struct NotedInTheEnd<'a> {
    ledger: &'a Ledger,
    changes: &'a Changes,
}

impl Drop for NotedInTheEnd<'_> {
    fn drop(&mut self) {
        self.changes.iter().filter_map(touched).for_each(|name| self.ledger.note(name));
    }
}

/// Who is changed: a session, or an account with all of its sessions.
#[derive(Clone, Copy)]
enum Name {
    Session(SessionId),
    Account(AccountId),
}

/// Who another answer is due to after a change.
fn touched(change: &Change) -> Option<Name> {
    match change {
        Change::Account(change) => match change {
            account::Change::Create(account) => Some(Name::Account(account.id)),
            account::Change::SignIn { id, .. }
            | account::Change::SetPassword { id, .. }
            | account::Change::Verify { id, .. }
            | account::Change::SetProfile { id, .. }
            | account::Change::SetEmail { id, .. }
            | account::Change::SetDisabled { id, .. }
            | account::Change::Erase { id, .. } => Some(Name::Account(*id)),
        },
        Change::Session(change) => match change {
            session::Change::Open(session) => Some(Name::Session(session.id)),
            session::Change::Turn { id, .. } | session::Change::Revoke { id, .. } => {
                Some(Name::Session(*id))
            }
            session::Change::RevokeAll { account, .. }
            | session::Change::RevokeOthers { account, .. }
            | session::Change::Trim { account, .. } => Some(Name::Account(*account)),
        },
        // Sessions and accounts say nothing of roles: those are looked up each time.
        Change::PendingRequest(_)
        | Change::Role(_)
        | Change::OneTime(_)
        | Change::Mail(_)
        | Change::Delivery(_)
        | Change::Limit(_)
        | Change::Audit(_) => None,
    }
}

/// The changes that were made here, by number: the newest of all, and the newest of each name.
///
/// Names share lines, so that the ledger does not grow. Whoever shares one with somebody who changed
/// is looked up once more.
struct Ledger {
    newest: AtomicU64,
    lines: Box<[AtomicU64]>,
}

const LINES: usize = 4_096;

impl Ledger {
    fn newest(&self) -> u64 {
        self.newest.load(Ordering::SeqCst)
    }

    fn note(&self, name: Name) {
        let number = self.newest.fetch_add(1, Ordering::SeqCst) + 1;
        self.line(name).fetch_max(number, Ordering::SeqCst);
    }

    /// Whether a name has not been changed after the change of this number.
    fn has_no_newer(&self, name: Name, number: u64) -> bool {
        self.line(name).load(Ordering::SeqCst) <= number
    }

    fn line(&self, name: Name) -> &AtomicU64 {
        let uuid = match name {
            Name::Session(id) => id.uuid(),
            Name::Account(id) => id.uuid(),
        };
        // The end of a UUIDv7 is random.
        let [.., high, low] = uuid.into_bytes();
        let line = usize::from(u16::from_be_bytes([high, low])) % LINES;
        // It is there. If it were not, the newest change of all would be the safe answer.
        self.lines.get(line).unwrap_or(&self.newest)
    }
}

impl Default for Ledger {
    fn default() -> Self {
        let lines = std::iter::repeat_with(AtomicU64::default).take(LINES).collect();
        Self { newest: AtomicU64::default(), lines }
    }
}

#[cfg(test)]
mod tests {
    use fastauth_memory::MemoryStore;
    use fastauth_testkit::{clock::TurnableClock, contract::flows};

    use super::*;

    #[tokio::test]
    async fn no_more_sessions_are_remembered_than_there_is_room_for() {
        const ROOM: usize = 100;
        let clock = Arc::new(TurnableClock::default());
        let cache = SessionCache::holding(ROOM, Duration::from_mins(1), clock);
        let store = Arc::new(MemoryStore::default());
        let sessions = CachedSessions { sessions: store.clone(), cache: cache.clone() };
        for nth in 0..500 {
            let address = format!("ada{nth}@example.com");
            let (changes, grant) = flows::register(&address, &mut flows::moment(nth));
            store.commit(&changes).await.unwrap();
            assert!(sessions.session(grant.session()).await.unwrap().is_some());
        }
        assert!((1..=ROOM).contains(&cache.found.len()), "{}", cache.found.len());
    }
}
