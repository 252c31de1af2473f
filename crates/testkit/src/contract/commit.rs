//! Lists of changes: in order, all or nothing, seen by everybody at once.

use fastauth_domain::{
    account::{self, Account, Version},
    audit::{Event, EventKind},
    change::{Change, Changes, Conflict},
    identifier::{AccountId, SessionId},
    mail::{Mail, Message},
    one_time::{self, Kind},
    refresh_token::Generation,
    role::{self, GuardVersion, Permission, RoleName},
    session::{self, SignedIn},
};
use tokio::task::{JoinSet, yield_now};

use super::{
    flows::{self, NOW, address, hash},
    world::{Person, World},
};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

pub async fn an_empty_list_is_committed(world: &World) {
    world.commit(&Changes::default()).await;
}

pub async fn changes_are_applied_in_their_order(world: &World) {
    let account = world.sign_up(ADA).await.account;
    let (id, first, second) = (account.id, account.version, account.version.next());
    let set =
        account::Change::SetPassword { id, version: first, password: Some(hash("new")), at: NOW };
    let sign_in = account::Change::SignIn { id, version: second, at: NOW, renewed: None };
    let backwards = Changes::default().with(sign_in.clone()).with(set.clone());
    assert_eq!(world.refused(&backwards).await, Conflict::AccountMoved);
    world.commit(&Changes::default().with(set).with(sign_in)).await;
    assert_eq!(world.account(ADA).await.version, second);
}

pub async fn the_first_conflict_is_the_one_that_is_told(world: &World) {
    let ada = world.sign_up(ADA).await;
    let conflicts = conflicts(world, &ada).await;
    for pair in conflicts.windows(2) {
        let [(one, expected), (other, _)] = pair else { unreachable!("windows of two") };
        let both = Changes::default().with(one.clone()).with(other.clone());
        assert_eq!(world.refused(&both).await, *expected);
    }
}

pub async fn nothing_is_written_wherever_the_conflict_stands(world: &World) {
    let (ada, bob) = (world.sign_up(ADA).await, world.sign_up(BOB).await);
    let conflicts = conflicts(world, &ada).await;
    let bystanders = bystanders(world, &bob).await;
    let before = world.contents().await;
    for (conflict, expected) in conflicts {
        for position in 0..=bystanders.len() {
            let mut changes = bystanders.clone();
            changes.insert(position, conflict.clone());
            assert_eq!(world.refused(&list(changes)).await, expected);
            assert_eq!(world.contents().await, before, "{expected:?} at position {position}");
        }
    }
    world.commit(&list(bystanders)).await;
    let sessions = world.contents().await.sessions;
    let mut bobs = sessions.iter().filter(|found| found.account.id == bob.account.id);
    assert!(bobs.all(|found| found.session.revoked_at.is_some()), "{sessions:?}");
}

pub async fn a_list_is_stored_once_however_often_it_is_committed(world: &World) {
    let ada = world.sign_up(ADA).await;
    let found = world.session(ada.grant.session()).await;
    let token = world.issue(Kind::PasswordReset, &ada.account).await;
    for changes in [
        flows::register(BOB, &mut world.moment()).0,
        flows::login(&ada.account, None, &mut world.moment()),
        flows::login_refused(None, &mut world.moment()),
        flows::refresh(&found, &ada.grant, &mut world.moment()),
        flows::logout(&found.session, &ada.grant, &mut world.moment()),
        flows::confirm_reset(&token, hash("new"), &mut world.moment()),
        flows::request_verification(Some(&ada.account), &mut world.moment()),
        flows::make_administrator(&ada.account, &mut world.moment()),
    ] {
        world.commit(&changes).await;
        let once = world.contents().await;
        assert!(world.try_commit(&changes).await.is_err(), "stored twice: {changes:?}");
        assert_eq!(world.contents().await, once);
    }
}

pub async fn another_instance_sees_at_once_what_was_committed(world: &World) {
    let Person { account, grant } = world.sign_up(ADA).await;
    let beside = world.beside().await;
    let mut session = world.session(grant.session()).await.session;
    for turns in 0..20 {
        let (writer, reader) =
            if turns % 2 == 0 { (&*beside, world.store()) } else { (world.store(), &*beside) };
        let (id, from, idle_until) = (session.id, session.generation, session.idle_until);
        let turn = session::Change::Turn { id, from, at: NOW, idle_until };
        writer.commit(&Changes::default().with(turn)).await.unwrap();
        session = reader.session(id).await.unwrap().unwrap().session;
        assert_eq!(session.generation, from.next());
    }
    let found = world.issue(Kind::PasswordReset, &account).await;
    let beside_found = beside.issued(found.token.kind, found.token.hash).await.unwrap();
    assert_eq!(beside_found, Some(found));
    assert_eq!(beside.with_email(account.email.key()).await.unwrap(), Some(account));
}

pub async fn nobody_sees_half_of_a_list(world: &World) {
    let Person { account, grant } = world.sign_up(ADA).await;
    let (id, last) = (grant.session(), Generation::from_stored(50));
    let beside = world.beside().await;
    let mut reader = JoinSet::new();
    reader.spawn(async move {
        loop {
            let SignedIn { session, account } = beside.session(id).await.unwrap().unwrap();
            // Both start from 1, and move in one list.
            assert_eq!(i64::from(session.generation.number()), account.version.number());
            if session.generation == last {
                break;
            }
            yield_now().await;
        }
    });
    let (mut version, mut from) = (account.version, Generation::FIRST);
    while from != last {
        let password = hash("new");
        let set = account::Change::SetPassword {
            id: account.id,
            version,
            password: Some(password),
            at: NOW,
        };
        let turn = session::Change::Turn { id, from, at: NOW, idle_until: NOW };
        world.commit(&Changes::default().with(set).with(turn)).await;
        (version, from) = (version.next(), from.next());
    }
    reader.join_all().await;
}

/// One change for each conflict there is, and then some, that ends in it.
async fn conflicts(world: &World, ada: &Person) -> Vec<(Change, Conflict)> {
    let token = world.issue(Kind::PasswordReset, &ada.account).await;
    let (_, consume) = one_time::consume_once(Some(&token), NOW).unwrap();
    world.commit(&Changes::default().with(consume.clone())).await;
    let id = AccountId::generate(&mut world.moment());
    let (at, version) = (NOW, Version::from_stored(99));
    let turn = session::Change::Turn {
        id: ada.grant.session(),
        from: Generation::from_stored(99),
        at,
        idle_until: at,
    };
    let create = account::Change::Create(Account { id, ..ada.account.clone() });
    let id = ada.account.id;
    let sign_in = account::Change::SignIn { id, version, at, renewed: None };
    let set = account::Change::SetPassword { id, version, password: Some(hash("new")), at };
    let verify = account::Change::Verify { id, version, at };
    let taken = role::Change::Create(RoleName::ADMIN);
    world.commit(&Changes::default().with(taken.clone())).await;
    let from = GuardVersion::from_stored(99);
    let (role, permissions) = (RoleName::from_static("unknown"), Permission::MANAGING_ROLES.into());
    let assign = role::Change::Assign { account: ada.account.id, role: role.clone() };
    vec![
        (role::Change::MoveGuard { from }.into(), Conflict::RolesMoved),
        (taken.into(), Conflict::RoleTaken),
        (role::Change::Grant { role, permissions }.into(), Conflict::RolesMoved),
        (sign_in.clone().into(), Conflict::AccountMoved),
        (assign.into(), Conflict::RolesMoved),
        (create.into(), Conflict::EmailTaken),
        (sign_in.into(), Conflict::AccountMoved),
        (turn.into(), Conflict::SessionMoved),
        (set.into(), Conflict::AccountMoved),
        (consume.into(), Conflict::TokenSpent),
        (verify.into(), Conflict::AccountMoved),
    ]
}

/// One of each change there is, none of which anything speaks against. They end every session of
/// Bob: one that was turned, one that was not, and one that is opened with them.
async fn bystanders(world: &World, bob: &Person) -> Vec<Change> {
    let moment = &mut world.moment();
    world.commit(&flows::login(&bob.account, None, moment)).await;
    let token = world.issue(Kind::PasswordReset, &bob.account).await;
    let (_, consume) = one_time::consume_once(Some(&token), NOW).unwrap();
    let (issue, _) = flows::issuer().issue(Kind::EmailVerification, bob.account.id, moment);
    let mut session = world.session(bob.grant.session()).await.session;
    let (id, version, at) = (bob.account.id, bob.account.version, NOW);
    let turn =
        session::Change::Turn { id: session.id, from: session.generation, at, idle_until: at };
    let revoke = session::Change::Revoke { id: session.id, at };
    session.id = SessionId::generate(moment);
    let carol = Account {
        id: AccountId::generate(moment),
        email: address("carol@example.com"),
        ..bob.account.clone()
    };
    let from = world.store().administrators().await.unwrap().guard;
    let (gone, role) = (RoleName::from_static("gone"), RoleName::from_static("editor"));
    for role in [gone.clone(), RoleName::from_static("mere")] {
        world.commit(&Changes::default().with(role::Change::Create(role.clone()))).await;
        let assign = role::Change::Assign { account: id, role };
        world.commit(&Changes::default().with(assign)).await;
    }
    let permissions = Permission::MANAGING_ROLES.into();
    let few = [Permission::MANAGE_ROLES].into();
    vec![
        role::Change::MoveGuard { from }.into(),
        account::Change::Create(carol).into(),
        role::Change::Create(role.clone()).into(),
        role::Change::Grant { role: role.clone(), permissions }.into(),
        role::Change::Withdraw { role: role.clone(), permissions: few }.into(),
        role::Change::Assign { account: id, role }.into(),
        role::Change::Revoke { account: id, role: RoleName::from_static("mere") }.into(),
        role::Change::Delete(gone).into(),
        account::Change::SignIn { id, version, at, renewed: Some(hash("renewed")) }.into(),
        account::Change::Verify { id, version, at }.into(),
        account::Change::SetPassword { id, version, password: Some(hash("new")), at }.into(),
        session::Change::Open(session).into(),
        turn.into(),
        revoke.into(),
        session::Change::RevokeAll { account: id, at }.into(),
        issue.into(),
        consume.into(),
        Mail::new(&bob.account, Message::PasswordChanged, moment).into(),
        Event::new(EventKind::PasswordReset, moment).about(id).into(),
    ]
}

fn list(changes: Vec<Change>) -> Changes {
    changes.into_iter().fold(Changes::default(), Changes::with)
}
