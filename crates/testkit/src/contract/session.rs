//! Sessions.

use std::time::Duration;

use fastauth_domain::{
    account::{self, Account},
    change::{Changes, Conflict},
    identifier::SessionId,
    refresh_token::Generation,
    session::{Change, Persistence, Session, SignedIn},
    time::Timestamp,
    token::TokenHash,
};

use super::{
    flows::{NOW, hash},
    world::{END_OF_TIME, World},
};

pub async fn an_opened_session_is_read_back_whole_with_its_account(world: &World) {
    let account = world.sign_up("ada@example.com").await.account;
    let session = session(world, &account);
    for session in [
        session,
        Session { persistence: Persistence::Normal, revoked_at: None, ..session },
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
        world.commit(&list(Change::Open(session))).await;
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
    let change = account::Change::SetPassword { id, version, password: hash("new"), at: NOW };
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
        let before = Session { id, generation: from, ..other };
        world.commit(&list(Change::Open(before))).await;
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
    }
}

/// Opens a session that is not revoked.
async fn open(world: &World, account: &Account) -> Session {
    let session = Session { revoked_at: None, ..session(world, account) };
    world.commit(&list(Change::Open(session))).await;
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
