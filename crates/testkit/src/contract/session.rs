//! Sessions.

use std::{net::Ipv6Addr, num::NonZeroU32, time::Duration};

use fastauth_domain::{
    account::{self, Account},
    change::{Changes, Conflict},
    identifier::{AccountId, SessionId},
    refresh_token::Generation,
    session::{Change, Persistence, Session, SignedIn},
    time::Timestamp,
    token::TokenHash,
    visitor::{DeviceName, Origin, UserAgent},
};

use super::{
    flows::{NOW, hash},
    world::{END_OF_TIME, World},
};

pub async fn an_opened_session_is_read_back_whole_with_its_account(world: &World) {
    let account = world.sign_up("ada@example.com").await.account;
    let session = session(world, &account);
    for session in [
        session.clone(),
        Session { origin: Origin::default(), ..session.clone() },
        Session { persistence: Persistence::Normal, revoked_at: None, ..session.clone() },
        Session {
            secret: TokenHash::from_stored([0; 32]),
            generation: Generation::from_stored(u32::MAX),
            turned_at: END_OF_TIME,
            opened_at: Timestamp::from_unix_micros(i64::MIN),
            idle_until: END_OF_TIME,
            ends_at: END_OF_TIME,
            revoked_at: Some(END_OF_TIME),
            ..session
        },
    ] {
        let session = Session { id: SessionId::generate(&mut world.moment()), ..session };
        world.commit(&list(Change::Open(session.clone()))).await;
        let account = account.clone();
        assert_eq!(world.session(session.id).await, SignedIn { session, account });
    }
}

pub async fn an_unknown_session_is_not_found(world: &World) {
    world.sign_up("ada@example.com").await;
    let unknown = SessionId::generate(&mut world.moment());
    assert_eq!(world.store().session(unknown).await.unwrap(), None);
}

pub async fn a_session_shows_its_account_as_it_is_now(world: &World) {
    let session = opened(world, "ada@example.com").await;
    let Account { id, version, .. } = world.account("ada@example.com").await;
    let change = account::Change::SetPassword { id, version, password: Some(hash("new")), at: NOW };
    world.commit(&Changes::default().with(change)).await;
    let found = world.session(session.id).await.account;
    assert_eq!(found, world.account("ada@example.com").await);
    assert_eq!(found.password, Some(hash("new")));
}

pub async fn a_turn_moves_its_session_to_the_next_generation(world: &World) {
    let account = world.sign_up("ada@example.com").await.account;
    let other = open(world, &account).await;
    for from in [Generation::FIRST, Generation::from_stored(u32::MAX - 1)] {
        let id = SessionId::generate(&mut world.moment());
        let before = Session { id, generation: from, ..other.clone() };
        world.commit(&list(Change::Open(before.clone()))).await;
        let at = NOW.plus(Duration::from_secs(1));
        let idle_until = END_OF_TIME;
        world.commit(&list(Change::Turn { id: before.id, from, at, idle_until })).await;
        let generation = from.next();
        let after = Session { generation, turned_at: at, idle_until, ..before };
        assert_eq!(world.session(before.id).await.session, after);
    }
    assert_eq!(world.session(other.id).await.session, other);
}

pub async fn a_turn_from_another_generation_is_refused(world: &World) {
    let session = opened(world, "ada@example.com").await;
    let unknown = SessionId::generate(&mut world.moment());
    let generation = session.generation.number();
    for (id, number) in [
        (session.id, generation - 1),
        (session.id, generation + 1),
        (session.id, u32::MAX),
        (unknown, generation),
    ] {
        let from = Generation::from_stored(number);
        assert_eq!(world.refused(&turn(id, from)).await, Conflict::SessionMoved, "{number}");
    }
    assert_eq!(world.session(session.id).await.session, session);
}

pub async fn a_generation_is_left_once(world: &World) {
    let session = opened(world, "ada@example.com").await;
    let turn = turn(session.id, session.generation);
    world.commit(&turn).await;
    assert_eq!(world.refused(&turn).await, Conflict::SessionMoved);
}

pub async fn a_revoked_session_is_not_turned(world: &World) {
    let session = opened(world, "ada@example.com").await;
    world.commit(&list(Change::Revoke { id: session.id, at: NOW })).await;
    let refused = world.refused(&turn(session.id, session.generation)).await;
    assert_eq!(refused, Conflict::SessionMoved);
    let revoked = Session { revoked_at: Some(NOW), ..session };
    assert_eq!(world.session(session.id).await.session, revoked);
}

pub async fn revoking_twice_is_revoking_once(world: &World) {
    let session = opened(world, "ada@example.com").await;
    let (id, account) = (session.id, session.account);
    world.commit(&list(Change::Revoke { id, at: NOW })).await;
    for at in [END_OF_TIME, Timestamp::from_unix_micros(0)] {
        world.commit(&list(Change::Revoke { id, at })).await;
        world.commit(&list(Change::RevokeAll { account, at })).await;
    }
    let revoked = Session { revoked_at: Some(NOW), ..session };
    assert_eq!(world.session(id).await.session, revoked);
}

pub async fn revoking_what_is_not_there_is_no_error(world: &World) {
    let nobody = world.sign_up("ada@example.com").await.account;
    let unknown = SessionId::generate(&mut world.moment());
    world.commit(&list(Change::Revoke { id: unknown, at: NOW })).await;
    for _ in 0..2 {
        world.commit(&list(Change::RevokeAll { account: nobody.id, at: NOW })).await;
    }
}

pub async fn a_revocation_leaves_other_sessions_alone(world: &World) {
    let ada = world.sign_up("ada@example.com").await.account;
    let (one, other) = (open(world, &ada).await, open(world, &ada).await);
    world.commit(&list(Change::Revoke { id: one.id, at: NOW })).await;
    assert_eq!(world.session(other.id).await.session, other);
}

pub async fn revoking_all_leaves_the_sessions_of_others_alone(world: &World) {
    let ada = world.sign_up("ada@example.com").await.account;
    let (one, other) = (open(world, &ada).await, open(world, &ada).await);
    let bobs = opened(world, "bob@example.com").await;
    world.commit(&list(Change::RevokeAll { account: ada.id, at: NOW })).await;
    for session in [one, other] {
        let revoked = Session { revoked_at: Some(NOW), ..session };
        assert_eq!(world.session(session.id).await.session, revoked);
    }
    assert_eq!(world.session(bobs.id).await.session, bobs);
}

pub async fn revoking_the_others_leaves_one(world: &World) {
    let ada = world.sign_up("ada@example.com").await;
    let first = world.session(ada.grant.session()).await.session;
    let (one, keep) = (open(world, &ada.account).await, open(world, &ada.account).await);
    let bobs = opened(world, "bob@example.com").await;
    let (account, at) = (ada.account.id, NOW);
    world.commit(&list(Change::RevokeOthers { account, keep: keep.id, at })).await;
    for session in [first, one] {
        let revoked = Session { revoked_at: Some(NOW), ..session };
        assert_eq!(world.session(revoked.id).await.session, revoked);
    }
    for session in [keep, bobs] {
        assert_eq!(world.session(session.id).await.session, session);
    }
}

pub async fn the_sessions_of_an_account_are_found_newest_first(world: &World) {
    let ada = world.sign_up("ada@example.com").await;
    let first = world.session(ada.grant.session()).await.session;
    let mut expected = vec![first];
    for second in [3, 1, 2] {
        let opened_at = NOW.plus(Duration::from_secs(second));
        let session = Session { opened_at, ..session(world, &ada.account) };
        world.commit(&list(Change::Open(session.clone()))).await;
        expected.push(session);
    }
    opened(world, "bob@example.com").await;
    expected.sort_by_key(|session| std::cmp::Reverse(session.opened_at));
    let store = world.store();
    assert_eq!(store.sessions_of(ada.account.id, 10).await.unwrap(), expected);
    assert_eq!(store.sessions_of(ada.account.id, 2).await.unwrap(), expected[..2]);
    let nobody = AccountId::generate(&mut world.moment());
    assert_eq!(store.sessions_of(nobody, 10).await.unwrap(), []);
}

pub async fn no_more_sessions_stay_alive_than_may(world: &World) {
    let ada = world.sign_up("ada@example.com").await;
    let bobs = opened(world, "bob@example.com").await;
    let used_at = |seconds, idle_until| Session {
        turned_at: NOW.plus(Duration::from_secs(seconds)),
        revoked_at: None,
        idle_until,
        ..session(world, &ada.account)
    };
    // One that has run out takes nobody's place.
    let [oldest, over, newest, middle] =
        [(1, END_OF_TIME), (4, NOW), (3, END_OF_TIME), (2, END_OF_TIME)]
            .map(|(seconds, idle_until)| used_at(seconds, idle_until));
    for session in [&oldest, &over, &newest, &middle] {
        world.commit(&list(Change::Open(session.clone()))).await;
    }
    let trim = Change::Trim { account: ada.account.id, most: TWO, at: NOW };
    for _ in 0..2 {
        world.commit(&list(trim.clone())).await;
        let ended = world.session(ada.grant.session()).await.session.revoked_at;
        assert_eq!(ended, Some(NOW));
        assert_eq!(world.session(oldest.id).await.session.revoked_at, Some(NOW));
        for session in [&over, &newest, &middle, &bobs] {
            assert_eq!(world.session(session.id).await.session, *session);
        }
    }
}

pub async fn of_many_sessions_opened_at_once_no_more_stay_alive_than_may(world: &World) {
    let ada = world.sign_up("ada@example.com").await.account;
    let sign_in = |_| {
        let session = Session { revoked_at: None, idle_until: END_OF_TIME, ..session(world, &ada) };
        let (id, version, account, at) = (ada.id, ada.version, ada.id, NOW);
        Changes::default()
            .with(account::Change::SignIn { id, version, at, renewed: None })
            .with(Change::Open(session))
            .with(Change::Trim { account, most: TWO, at })
    };
    let results = world.race((0..10).map(sign_in).collect()).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let sessions = world.store().sessions_of(ada.id, 100).await.unwrap();
    assert_eq!(sessions.len(), 11);
    assert_eq!(sessions.iter().filter(|session| session.revoked_at.is_none()).count(), 2);
}

const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

/// A session in which every field says something else, at generation 7.
fn session(world: &World, account: &Account) -> Session {
    let at = |micros| Timestamp::from_unix_micros(NOW.unix_micros() + micros);
    Session {
        id: SessionId::generate(&mut world.moment()),
        account: account.id,
        secret: TokenHash::from_stored([0xff; 32]),
        generation: Generation::from_stored(7),
        turned_at: at(1),
        persistence: Persistence::Remembered,
        opened_at: at(22),
        idle_until: at(333),
        ends_at: at(4_444),
        revoked_at: Some(at(55_555)),
        origin: Origin {
            address: Some(Ipv6Addr::from([0x2001, 0xdb8, 1, 2, 3, 4, 5, 6]).into()),
            user_agent: UserAgent::of(&"ü".repeat(UserAgent::MAX_LENGTH)),
            device: DeviceName::of(&"ö".repeat(DeviceName::MAX_LENGTH)),
        },
    }
}

/// Opens a session that is not revoked.
async fn open(world: &World, account: &Account) -> Session {
    let session = Session { revoked_at: None, ..session(world, account) };
    world.commit(&list(Change::Open(session.clone()))).await;
    session
}

async fn opened(world: &World, typed: &str) -> Session {
    let account = world.sign_up(typed).await.account;
    open(world, &account).await
}

fn turn(id: SessionId, from: Generation) -> Changes {
    list(Change::Turn { id, from, at: NOW, idle_until: END_OF_TIME })
}

fn list(change: Change) -> Changes {
    Changes::default().with(change)
}
