//! What is of no use any more is removed, and nothing else.

use std::{sync::Arc, time::Duration};

use fastauth_domain::{
    account::{self, Account},
    audit::{Event, EventKind},
    change::{Change, Changes, Conflict},
    delivery::State,
    identifier::SessionId,
    limit::{Bucket, Keeping, Rate},
    mail::{Mail, Message},
    one_time::Kind,
    pending_request::{self, PendingRequest, Wanted},
    refresh_token::Generation,
    retention::Remains,
    session::{self, Persistence, Session},
    time::Timestamp,
    token::TokenHash,
    visitor::Origin,
};
use fastauth_ports::{commit::CommitError, mail::Settlement};
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    flows::{self, HOUR, NOW, address},
    world::{END_OF_TIME, Person, World},
};
use crate::store::Store;

/// Up to here everything has been kept for long enough.
const HORIZON: Timestamp = Timestamp::from_unix_micros(NOW.unix_micros() - 86_400_000_000);
const MICROSECOND: Duration = Duration::from_micros(1);
/// How often a race is run, each time for something else.
const ROUNDS: usize = 16;

pub async fn everything_that_is_dead_is_removed_and_all_that_lives_is_left(world: &World) {
    let owner = owner(world, "owner@example.com").await;
    let ada = world.sign_up("ada@example.com").await;
    for &kind in Kind::ALL {
        world.issue(kind, &ada.account).await;
    }
    let living = world.contents().await;
    let mut left = Vec::new();
    for &remains in Remains::ALL {
        left.push(leave(world, &owner, remains, HORIZON).await);
    }
    assert_ne!(world.contents().await, living);
    for (&remains, left) in Remains::ALL.iter().zip(left) {
        assert_eq!(remove_all(world.store(), remains, 100).await, left, "{remains:?}");
    }
    assert_eq!(world.contents().await, living);
}

pub async fn what_lives_still_works(world: &World) {
    let Person { account, grant } = world.sign_up("ada@example.com").await;
    let issued = world.issue(Kind::PasswordReset, &account).await;
    let owner = owner(world, "owner@example.com").await;
    for &remains in Remains::ALL {
        leave(world, &owner, remains, HORIZON).await;
        remove_all(world.store(), remains, 100).await;
    }
    let signed_in = world.session(grant.session()).await;
    world.commit(&flows::refresh(&signed_in, &grant, &mut world.moment())).await;
    world.commit(&flows::confirm_reset(&issued, flows::hash("new"), &mut world.moment())).await;
    // Whoever has lost something can have the like of it again, and lose that as well.
    for &remains in Remains::ALL {
        assert!(leave(world, &owner, remains, HORIZON).await > 0);
    }
    let revoke_all = session::Change::RevokeAll { account: owner.id, at: NOW };
    world.commit(&Changes::default().with(revoke_all)).await;
}

pub async fn what_came_to_its_end_at_the_horizon_is_removed_and_not_what_did_later(world: &World) {
    let later = HORIZON.plus(MICROSECOND);
    let earlier = HORIZON.minus(MICROSECOND);
    let owners = [owner(world, "one@example.com").await, owner(world, "other@example.com").await];
    for &remains in Remains::ALL {
        let left = leave(world, &owners[0], remains, HORIZON).await;
        let kept = leave(world, &owners[1], remains, later).await;
        let remove = async |horizon| world.store().remove(remains, horizon, 100).await.unwrap();
        assert_eq!(remove(earlier).await, 0, "{remains:?}");
        assert_eq!(remove(HORIZON).await, left, "{remains:?}");
        assert_eq!(remove(HORIZON).await, 0, "{remains:?}");
        assert_eq!(remove(later).await, kept, "{remains:?}");
    }
}

pub async fn no_more_is_removed_than_asked_for(world: &World) {
    for &remains in Remains::ALL {
        let mut left = leave_many(world, remains, 5).await;
        while left > 0 {
            let removed = world.store().remove(remains, HORIZON, 3).await.unwrap();
            assert_eq!(removed, left.min(3), "{remains:?}");
            left -= removed;
        }
        assert_eq!(world.store().remove(remains, HORIZON, 3).await.unwrap(), 0, "{remains:?}");
    }
}

pub async fn what_many_remove_at_once_is_removed_once(world: &World) {
    for &remains in Remains::ALL {
        let left = leave_many(world, remains, 24).await;
        let start = Arc::new(Barrier::new(4));
        let mut removing = JoinSet::new();
        for _ in 0..4 {
            let (store, start) = (world.beside().await, Arc::clone(&start));
            removing.spawn(async move {
                start.wait().await;
                remove_all(&*store, remains, 5).await
            });
        }
        let removed: u64 = removing.join_all().await.into_iter().sum();
        assert_eq!(removed, left, "{remains:?}");
        assert_eq!(remove_all(world.store(), remains, 100).await, 0, "{remains:?}");
    }
}

pub async fn a_session_that_is_used_meanwhile_stays(world: &World) {
    let owner = owner(world, "owner@example.com").await;
    for _ in 0..ROUNDS {
        let session = Session { idle_until: HORIZON, ..session(world, &owner) };
        world.commit(&list(session::Change::Open(session.clone()))).await;
        let Session { id, generation: from, .. } = session;
        let turn = session::Change::Turn { id, from, at: NOW, idle_until: END_OF_TIME };
        let (turned, removed) = race(world, list(turn), Remains::ExpiredSessions).await;
        let found = world.store().session(id).await.unwrap().map(|found| found.session.generation);
        match turned {
            Ok(()) => assert_eq!((found, removed), (Some(from.next()), 0)),
            Err(CommitError::Conflict(Conflict::SessionMoved)) => {
                assert_eq!((found, removed), (None, 1));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

pub async fn a_token_that_is_issued_anew_meanwhile_stays(world: &World) {
    let owner = owner(world, "owner@example.com").await;
    for _ in 0..ROUNDS {
        leave(world, &owner, Remains::OneTimeTokens, HORIZON).await;
        let renewed = Kind::ALL.iter().map(|&kind| {
            let (issued, _) = flows::issuer().issue(kind, owner.id, &mut world.moment());
            Change::from(issued)
        });
        let renewed = renewed.fold(Changes::default(), Changes::with);
        let (committed, _) = race(world, renewed, Remains::OneTimeTokens).await;
        committed.unwrap();
        let horizon = NOW.plus(HOUR);
        let found = world.store().remove(Remains::OneTimeTokens, horizon, 100).await.unwrap();
        assert_eq!(usize::try_from(found).unwrap(), Kind::ALL.len());
    }
}

pub async fn where_an_event_came_from_is_forgotten_and_the_event_is_not(world: &World) {
    let record = async |at: Timestamp| {
        let mut moment = world.moment_at(at).of(&flows::visitor());
        let event = Event::new(EventKind::SignInRefused, &mut moment);
        world.commit(&Changes::default().with(event.clone())).await;
        event
    };
    let mut expected = Vec::new();
    for seconds in 0..5 {
        let event = record(HORIZON.minus(Duration::from_secs(seconds))).await;
        expected.push(event.without_origin());
    }
    expected.push(record(HORIZON.plus(MICROSECOND)).await);
    expected.sort_by_key(|event| event.id);
    for forgotten in [3, 2, 0] {
        assert_eq!(world.store().forget_origins(HORIZON, 3).await.unwrap(), forgotten);
    }
    assert_eq!(world.events().await, expected);
}

/// Leaves something behind in every form it takes, which came to its end at this moment and in no
/// other way, and says how much. The owner's one-time tokens are replaced, there being one of each
/// kind.
async fn leave(world: &World, owner: &Account, remains: Remains, end: Timestamp) -> u64 {
    let left: Vec<Change> = match remains {
        Remains::OneTimeTokens => {
            let moment = || world.moment_at(end.minus(HOUR));
            let issue = |&kind| flows::issuer().issue(kind, owner.id, &mut moment()).0.into();
            Kind::ALL.iter().map(issue).collect()
        }
        Remains::ExpiredSessions => {
            let idle = Session { idle_until: end, ..session(world, owner) };
            let over = Session { idle_until: end, ends_at: end, ..session(world, owner) };
            vec![session::Change::Open(idle).into(), session::Change::Open(over).into()]
        }
        Remains::RevokedSessions => {
            let session = Session { revoked_at: Some(end), ..session(world, owner) };
            vec![session::Change::Open(session).into()]
        }
        Remains::AuditEvents => {
            let event = |&kind| Event::new(kind, &mut world.moment_at(end)).about(owner.id).into();
            EventKind::ALL.iter().map(event).collect()
        }
        Remains::PendingRequests => {
            let (email, moment) = (owner.email.clone(), &mut world.moment_at(end));
            let request = PendingRequest::new(email, Wanted::PasswordReset, moment);
            vec![pending_request::Change::Keep(request).into()]
        }
        Remains::SettledMails => return settle_mails(world, owner, end).await,
        Remains::Buckets => return fill_bucket(world, owner, end).await,
    };
    let count = left.len().try_into().unwrap();
    world.commit(&left.into_iter().fold(Changes::default(), Changes::with)).await;
    count
}

/// Leaves a bucket that is as good as new from this moment on.
async fn fill_bucket(world: &World, owner: &Account, end: Timestamp) -> u64 {
    let name = owner.email.key().as_str().to_owned();
    let bucket = Bucket { name, rate: Rate::new(1, HOUR).unwrap(), keeping: Keeping::Lasting };
    world.store().attempt(&[bucket], end.minus(HOUR)).await.unwrap().unwrap();
    1
}

/// Leaves a mail in each state that is not the queue.
async fn settle_mails(world: &World, owner: &Account, at: Timestamp) -> u64 {
    let mut count = 0;
    for state in [State::HandedOver, State::Refused, State::Expired, State::Suppressed] {
        let moment = &mut world.moment_at(at.minus(HOUR));
        let mail = Mail::new(owner, Message::PasswordChanged, moment);
        let id = mail.id;
        world.commit(&Changes::default().with(mail)).await;
        let settlement = Settlement::Done { state, reason: None, at };
        world.store().settle(id, settlement).await.unwrap();
        count += 1;
    }
    count
}

/// The same for so many owners.
async fn leave_many(world: &World, remains: Remains, owners: u32) -> u64 {
    let mut left = 0;
    for nth in 0..owners {
        let owner = owner(world, &format!("{}{nth}@example.com", remains.name())).await;
        left += leave(world, &owner, remains, HORIZON).await;
    }
    left
}

/// Somebody who has nothing.
async fn owner(world: &World, typed: &str) -> Account {
    let account = Account::open(address(typed), None, flows::hash("first"), &mut world.moment());
    world.commit(&Changes::default().with(account::Change::Create(account.clone()))).await;
    account
}

/// A session that lasts.
fn session(world: &World, owner: &Account) -> Session {
    Session {
        id: SessionId::generate(&mut world.moment()),
        account: owner.id,
        secret: TokenHash::from_stored([7; 32]),
        generation: Generation::FIRST,
        turned_at: HORIZON,
        persistence: Persistence::Normal,
        opened_at: HORIZON,
        idle_until: END_OF_TIME,
        ends_at: END_OF_TIME,
        revoked_at: None,
        origin: Origin::default(),
    }
}

/// Removes until nothing more is found, and says how much that was.
async fn remove_all(store: &dyn Store, remains: Remains, limit: u32) -> u64 {
    let mut sum = 0;
    loop {
        match store.remove(remains, HORIZON, limit).await.unwrap() {
            0 => return sum,
            removed => sum += removed,
        }
    }
}

/// Commits a list while somebody else removes.
async fn race(world: &World, changes: Changes, remains: Remains) -> (Result<(), CommitError>, u64) {
    let (store, start) = (world.beside().await, Arc::new(Barrier::new(2)));
    let removing = tokio::spawn({
        let start = Arc::clone(&start);
        async move {
            start.wait().await;
            store.remove(remains, HORIZON, 100).await.unwrap()
        }
    });
    start.wait().await;
    let committed = world.try_commit(&changes).await;
    (committed, removing.await.unwrap())
}

fn list(change: session::Change) -> Changes {
    Changes::default().with(change)
}
