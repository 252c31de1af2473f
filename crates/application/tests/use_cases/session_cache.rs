//! What was found of a session is believed for a while, and never for longer.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use fastauth_application::session_cache::{CachedSessions, NotingStore, SessionCache};
use fastauth_domain::{
    account::{self, Account, ImageUrl, ProfileChange},
    change::{Change, Changes, Conflict},
    gate::Grant,
    identifier::{AccountId, SessionId},
    session::{self, Session, SignedIn},
    time::Timestamp,
};
use fastauth_memory::MemoryStore;
use fastauth_ports::{
    commit::{Commit, CommitError, MockCommit},
    sessions::{MockReadSessions, ReadSessions},
    unavailable::Unavailable,
};
use fastauth_testkit::{
    clock::TurnableClock,
    contract::flows::{self, NOW},
};
use futures_util::FutureExt;
use tokio::sync::Notify;

const MAX_AGE: Duration = Duration::from_secs(10);
const MICROSECOND: Duration = Duration::from_micros(1);
const ALMOST: Duration = Duration::from_micros(9_999_999);

/// One store, with somebody signed in, and the clock of the instances that share it.
struct World {
    store: Arc<MemoryStore>,
    clock: Arc<TurnableClock>,
    grant: Grant,
}

/// What an instance sees, and what it does.
struct Instance {
    sessions: CachedSessions,
    store: NotingStore,
}

impl World {
    async fn new() -> Self {
        let store = Arc::<MemoryStore>::default();
        let (changes, grant) = flows::register("ada@example.com", &mut flows::moment(1));
        store.commit(&changes).await.unwrap();
        Self { store, clock: Arc::default(), grant }
    }

    fn instance(&self) -> Instance {
        instance(self.store.clone(), self.store.clone(), &self.clock)
    }

    async fn stored(&self) -> SignedIn {
        self.store.session(self.grant.session()).await.unwrap().unwrap()
    }

    fn revocation(&self) -> Changes {
        let revoke = session::Change::Revoke { id: self.grant.session(), at: NOW };
        Changes::default().with(revoke)
    }
}

fn instance(
    sessions: Arc<dyn ReadSessions>,
    store: Arc<dyn Commit>,
    clock: &Arc<TurnableClock>,
) -> Instance {
    let cache = SessionCache::new(MAX_AGE, clock.clone());
    Instance {
        sessions: CachedSessions { sessions, cache: cache.clone() },
        store: NotingStore { store, cache },
    }
}

impl Instance {
    async fn sees(&self, world: &World) -> SignedIn {
        self.sessions.session(world.grant.session()).await.unwrap().unwrap()
    }
}

/// A store that is asked for a session so many times.
fn asked(times: usize, found: Option<SignedIn>) -> Arc<MockReadSessions> {
    let mut sessions = MockReadSessions::new();
    sessions.expect_session().times(times).returning(move |_| Ok(found.clone()));
    Arc::new(sessions)
}

#[tokio::test]
async fn the_store_is_asked_once_in_the_while_that_its_answer_is_believed() {
    let world = World::new().await;
    let store = asked(2, Some(world.stored().await));
    let instance = instance(store, world.store.clone(), &world.clock);
    for _ in 0..3 {
        instance.sees(&world).await;
    }
    world.clock.advance(ALMOST);
    instance.sees(&world).await;
    world.clock.advance(MICROSECOND);
    instance.sees(&world).await;
}

#[tokio::test]
async fn that_there_is_no_session_is_not_believed_a_second_time() {
    let world = World::new().await;
    let instance = instance(asked(3, None), world.store.clone(), &world.clock);
    for _ in 0..3 {
        assert_eq!(instance.sessions.session(world.grant.session()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_another_instance_committed_is_seen_after_exactly_the_longest_time() {
    let world = World::new().await;
    let (one, other) = (world.instance(), world.instance());
    assert!(other.sees(&world).await.session.is_alive(NOW));
    one.store.commit(&world.revocation()).await.unwrap();
    world.clock.advance(ALMOST);
    assert!(other.sees(&world).await.session.is_alive(NOW));
    world.clock.advance(MICROSECOND);
    assert!(!other.sees(&world).await.session.is_alive(NOW));
}

/// A change of each kind that another answer is due after.
const CHANGES: [fn(&SignedIn) -> Change; 10] = [
    |SignedIn { session, .. }| {
        let (id, from) = (session.id, session.generation);
        session::Change::Turn { id, from, at: NOW, idle_until: NOW }.into()
    },
    |SignedIn { account: Account { id, version, .. }, .. }| {
        let (id, version) = (*id, *version);
        let password = Some(flows::hash("new"));
        account::Change::SetPassword { id, version, password, at: NOW }.into()
    },
    |SignedIn { account: Account { id, version, .. }, .. }| {
        account::Change::Verify { id: *id, version: *version, at: NOW }.into()
    },
    |SignedIn { account: Account { id, version, .. }, .. }| {
        let at = NOW.plus(MICROSECOND);
        account::Change::SignIn { id: *id, version: *version, at, renewed: None }.into()
    },
    |SignedIn { session, .. }| session::Change::Revoke { id: session.id, at: NOW }.into(),
    |SignedIn { account, .. }| session::Change::RevokeAll { account: account.id, at: NOW }.into(),
    |SignedIn { account, .. }| {
        let keep = "01a2076e-f59e-7023-b05c-184f3a938aca".parse().unwrap();
        session::Change::RevokeOthers { account: account.id, keep, at: NOW }.into()
    },
    |SignedIn { account, .. }| {
        let profile = ProfileChange {
            image: ImageUrl::parse("https://x.example").ok().map(Some),
            ..ProfileChange::default()
        };
        account::Change::SetProfile { id: account.id, profile }.into()
    },
    |SignedIn { account: Account { id, version, .. }, .. }| {
        let email = flows::address("new@example.com");
        account::Change::SetEmail { id: *id, version: *version, email, at: NOW }.into()
    },
    |SignedIn { account: Account { id, version, .. }, .. }| {
        account::Change::SetDisabled { id: *id, version: *version, since: Some(NOW) }.into()
    },
];

#[tokio::test]
async fn what_an_instance_committed_itself_is_seen_by_it_at_once() {
    for change in CHANGES {
        let world = World::new().await;
        let instance = world.instance();
        let before = instance.sees(&world).await;
        let changes = Changes::default().with(change(&before));
        instance.store.commit(&changes).await.unwrap();
        let after = instance.sees(&world).await;
        assert_eq!(after, world.stored().await, "{changes:?}");
        assert_ne!(after, before, "{changes:?}");
    }
}

#[tokio::test]
async fn what_somebody_else_commits_here_leaves_what_was_found_alone() {
    let world = World::new().await;
    let store = asked(1, Some(world.stored().await));
    let instance = instance(store, world.store.clone(), &world.clock);
    instance.sees(&world).await;
    let (changes, _) = flows::register("bob@example.com", &mut flows::moment(2));
    instance.store.commit(&changes).await.unwrap();
    instance.sees(&world).await;
}

#[tokio::test]
async fn a_commit_that_failed_counts_as_done_because_it_may_have_happened() {
    let world = World::new().await;
    for outcome in [Conflict::SessionMoved.into(), Unavailable::new("no answer").into()] {
        let mut outcome: Option<CommitError> = Some(outcome);
        let mut store = MockCommit::new();
        store.expect_commit().returning(move |_| Err(outcome.take().unwrap()));
        let sessions = asked(2, Some(world.stored().await));
        let instance = instance(sessions, Arc::new(store), &world.clock);
        instance.sees(&world).await;
        assert!(instance.store.commit(&world.revocation()).await.is_err());
        instance.sees(&world).await;
    }
}

/// Commits, and never says so.
struct Silent(Arc<MemoryStore>);

#[async_trait]
impl Commit for Silent {
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError> {
        self.0.commit(changes).await?;
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_commit_that_nobody_waited_for_counts_as_done() {
    let world = World::new().await;
    let silent = Arc::new(Silent(world.store.clone()));
    let instance = instance(world.store.clone(), silent, &world.clock);
    assert!(instance.sees(&world).await.session.is_alive(NOW));
    let changes = world.revocation();
    assert!(instance.store.commit(&changes).now_or_never().is_none());
    assert!(!instance.sees(&world).await.session.is_alive(NOW));
}

/// Finds a session at once, and tells it when it is let go on.
struct Slow {
    store: Arc<MemoryStore>,
    found: Notify,
    go_on: Notify,
}

#[async_trait]
impl ReadSessions for Slow {
    async fn session(&self, id: SessionId) -> Result<Option<SignedIn>, Unavailable> {
        let found = self.store.session(id).await;
        self.found.notify_one();
        self.go_on.notified().await;
        found
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<Session>, Unavailable> {
        self.store.sessions_of(account, limit).await
    }
}

#[tokio::test]
async fn an_answer_that_a_commit_has_overtaken_is_not_believed_afterwards() {
    let world = World::new().await;
    let (found, go_on) = (Notify::new(), Notify::new());
    let slow = Arc::new(Slow { store: world.store.clone(), found, go_on });
    let instance = instance(slow.clone(), world.store.clone(), &world.clock);
    let overtaken = async {
        slow.found.notified().await;
        instance.store.commit(&world.revocation()).await.unwrap();
        slow.go_on.notify_one();
    };
    let (late, ()) = tokio::join!(instance.sees(&world), overtaken);
    assert!(late.session.is_alive(NOW), "it was found before it ended");
    slow.go_on.notify_one();
    assert!(!instance.sees(&world).await.session.is_alive(NOW));
}

#[tokio::test]
async fn nothing_is_believed_that_was_found_at_a_time_which_is_still_to_come() {
    let world = World::new().await;
    let instance =
        instance(asked(2, Some(world.stored().await)), world.store.clone(), &world.clock);
    instance.sees(&world).await;
    world.clock.set(Timestamp::from_unix_micros(NOW.unix_micros() - 1));
    instance.sees(&world).await;
}
