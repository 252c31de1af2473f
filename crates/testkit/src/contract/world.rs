//! What a case takes place in: a store, people in it, and a look at everything it holds.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fastauth_domain::{
    account::{self, Account},
    audit::Event,
    change::{Change, Changes, Conflict},
    email::EmailKey,
    gate::Grant,
    identifier::SessionId,
    mail::Mail,
    moment::Moment,
    one_time::{self, IssuedToken, Kind},
    pending_request::PendingRequest,
    role::{Administrators, Rights, Role},
    session::{self, SignedIn},
    time::Timestamp,
    token::TokenHash,
};
use fastauth_ports::{commit::CommitError, fault::Fault};
use tokio::{sync::Barrier, task::JoinSet};

use super::flows::{self, NOW};
use crate::{
    randomness::Dice,
    store::{Store, TestedStore},
};

/// By then everything is due.
pub const END_OF_TIME: Timestamp = Timestamp::from_unix_micros(i64::MAX);

/// A store to try something on.
pub struct World {
    tested: Box<dyn TestedStore>,
    store: Arc<dyn Store>,
    dice: Dice,
    touched: Mutex<Touched>,
}

/// Somebody who has registered, and is signed in.
pub struct Person {
    pub account: Account,
    pub grant: Grant,
}

/// Everything that a store holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub accounts: Vec<Account>,
    pub sessions: Vec<SignedIn>,
    pub tokens: Vec<IssuedToken>,
    pub requests: Vec<PendingRequest>,
    pub mails: Vec<Mail>,
    pub events: Vec<Event>,
    pub roles: Vec<Role>,
    pub rights: Vec<Rights>,
    pub administrators: Option<Administrators>,
}

/// What any list so far was about, so that it can be looked up.
#[derive(Default)]
struct Touched {
    addresses: BTreeSet<EmailKey>,
    sessions: BTreeSet<SessionId>,
    tokens: Vec<(Kind, TokenHash)>,
}

impl World {
    pub fn new(tested: impl TestedStore + 'static) -> Self {
        let store = tested.store();
        Self { tested: Box::new(tested), store, dice: Dice::default(), touched: Mutex::default() }
    }

    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    pub async fn beside(&self) -> Arc<dyn Store> {
        self.tested.beside().await
    }

    /// The store, for a task of its own.
    pub fn shared(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    pub fn fault(&self) -> &Fault {
        self.tested.fault()
    }

    /// A moment at [`NOW`], with randomness of its own.
    pub fn moment(&self) -> Moment {
        self.moment_at(NOW)
    }

    pub fn moment_at(&self, now: Timestamp) -> Moment {
        Moment::new(now, self.dice.throw())
    }

    pub async fn try_commit(&self, changes: &Changes) -> Result<(), CommitError> {
        self.touched().note(changes);
        self.store.commit(changes).await
    }

    /// Commits a list that nothing speaks against.
    pub async fn commit(&self, changes: &Changes) {
        self.try_commit(changes).await.unwrap();
    }

    /// Commits a list that something speaks against.
    pub async fn refused(&self, changes: &Changes) -> Conflict {
        conflict(self.try_commit(changes).await).unwrap_err()
    }

    /// Commits lists all at once, through two instances in turn. The results are in their order.
    pub async fn race(&self, lists: Vec<Changes>) -> Vec<Result<(), Conflict>> {
        let stores = [Arc::clone(&self.store), self.beside().await];
        let start = Arc::new(Barrier::new(lists.len()));
        let mut racers = JoinSet::new();
        for (nth, changes) in lists.into_iter().enumerate() {
            self.touched().note(&changes);
            let (store, start) = (Arc::clone(&stores[nth % 2]), Arc::clone(&start));
            racers.spawn(async move {
                start.wait().await;
                (nth, conflict(store.commit(&changes).await))
            });
        }
        let mut results = racers.join_all().await;
        results.sort_by_key(|(nth, _)| *nth);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// Commits two lists at once.
    pub async fn race_of_two(&self, one: Changes, other: Changes) -> [Result<(), Conflict>; 2] {
        let results = self.race(vec![one, other]).await;
        [results[0], results[1]]
    }

    /// The account of an address, which there is.
    pub async fn account(&self, typed: &str) -> Account {
        let found = self.store.with_email(flows::address(typed).key()).await.unwrap();
        found.unwrap_or_else(|| panic!("no account has the address {typed}"))
    }

    /// A session, which there is.
    pub async fn session(&self, id: SessionId) -> SignedIn {
        let found = self.store.session(id).await.unwrap();
        found.unwrap_or_else(|| panic!("there is no session {id}"))
    }

    pub async fn issued(&self, kind: Kind, hash: TokenHash) -> Option<IssuedToken> {
        self.store.issued(kind, hash).await.unwrap()
    }

    pub async fn events(&self) -> Vec<Event> {
        let mut events = self.tested.audit_events().await;
        events.sort_by_key(|event| event.id);
        events
    }

    /// Registers somebody.
    pub async fn sign_up(&self, typed: &str) -> Person {
        let (changes, grant) = flows::register(typed, &mut self.moment());
        self.commit(&changes).await;
        Person { account: self.account(typed).await, grant }
    }

    /// Issues a one-time token to an account.
    pub async fn issue(&self, kind: Kind, account: &Account) -> IssuedToken {
        let (change, _) = flows::issuer().issue(kind, account.id, &mut self.moment());
        self.commit(&Changes::default().with(change.clone())).await;
        match change {
            one_time::Change::Issue(token) => self.issued(kind, token.hash).await.unwrap(),
            other => unreachable!("the issuer issues, and not {other:?}"),
        }
    }

    /// Everything the store holds of what was ever committed, or tried to. All mail is due again
    /// when it has been looked at, but at the end of time.
    pub async fn contents(&self) -> Contents {
        let (addresses, sessions, tokens) = {
            let touched = self.touched();
            (touched.addresses.clone(), touched.sessions.clone(), touched.tokens.clone())
        };
        let mut contents = Contents { events: self.events().await, ..Contents::default() };
        for key in addresses {
            contents.accounts.extend(self.store.with_email(&key).await.unwrap());
        }
        for id in sessions {
            contents.sessions.extend(self.store.session(id).await.unwrap());
        }
        for (kind, hash) in tokens {
            contents.tokens.extend(self.issued(kind, hash).await);
        }
        contents.requests = self.store.pending(None, 1_000).await.unwrap();
        let claimed = self.store.claim(END_OF_TIME, Duration::ZERO, 1_000).await.unwrap();
        contents.mails.extend(claimed.into_iter().map(|claimed| claimed.mail));
        contents.mails.sort_by_key(|mail| mail.id);
        contents.roles = self.store.roles().await.unwrap();
        for account in &contents.accounts {
            contents.rights.extend(self.store.rights(account.id).await.unwrap());
        }
        contents.administrators = Some(self.store.administrators().await.unwrap());
        contents
    }

    fn touched(&self) -> MutexGuard<'_, Touched> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Touched {
    fn note(&mut self, changes: &Changes) {
        for change in changes {
            if let Change::Account(account::Change::Create(account)) = change {
                self.addresses.insert(account.email.key().clone());
            }
            if let Change::Session(session::Change::Open(session)) = change {
                self.sessions.insert(session.id);
            }
            if let Change::OneTime(
                one_time::Change::Issue(token) | one_time::Change::IssueFirst(token),
            ) = change
            {
                let token = (token.kind, token.hash);
                if !self.tokens.contains(&token) {
                    self.tokens.push(token);
                }
            }
        }
    }
}

/// The conflict a commit ended in, if any; it must not have failed otherwise.
fn conflict(result: Result<(), CommitError>) -> Result<(), Conflict> {
    match result {
        Ok(()) => Ok(()),
        Err(CommitError::Conflict(conflict)) => Err(conflict),
        Err(CommitError::Unavailable(error)) => panic!("{error}"),
    }
}
