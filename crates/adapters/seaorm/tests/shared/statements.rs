//! What is said to the database: how many statements, and by way of which index.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use fastauth_domain::{
    account::ProfileChange,
    audit::{Event, EventKind},
    change::{Change, Changes},
    deletion::{self, Deletion},
    delivery::{self, Notice, State, Suppression},
    email_change, email_verification,
    gate::{Grant, VerificationRule},
    guess::Guess,
    identifier::{AccountId, MailId},
    limit::{self, Bucket, Keeping, Rate},
    login::{self, PasswordCheck},
    one_time::{self, Kind},
    password::PasswordHash,
    password_change, password_reset,
    pending_request::{self, PendingRequest, Wanted},
    profile,
    retention::Remains,
    revocation,
    role::{self, Permission, RoleName},
    session::{self, Persistence, SessionPolicy},
    visitor::{Origin, Visitor},
};
use fastauth_ports::{
    accounts::ReadAccounts,
    audit::ReadAudit,
    commit::Commit,
    deliveries::{ReadDeliveries, RepairOutbox},
    health::CheckHealth,
    housekeeping::RemoveRemains,
    limits::LimitAttempts,
    mail::{ClaimMail, Settlement},
    one_time::ReadOneTimeTokens,
    pending_requests::ReadPendingRequests,
    roles::ReadRoles,
    sessions::ReadSessions,
};
use fastauth_seaorm::SqlStore;
use sea_orm::Statement;

use crate::{
    place::Place,
    world::{NOW, POLICY, address, hash, issuer, moment, registration},
};

/// What a store has said so far.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<Statement>>>);

impl Said {
    fn listen(&self, store: SqlStore) -> SqlStore {
        let said = Arc::clone(&self.0);
        store.watched(move |statement| said.lock().unwrap().push(statement.clone()))
    }

    fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// The first words of the statements so far.
    fn verbs(&self) -> Vec<String> {
        let verb = |it: Statement| it.sql.split_whitespace().next().unwrap_or_default().to_owned();
        self.take().into_iter().map(verb).collect()
    }
}

async fn turn(store: &SqlStore, grant: &Grant) {
    let found = store.session(grant.session()).await.unwrap();
    let rule = VerificationRule::Optional;
    let decision =
        session::refresh(found.as_ref(), grant.refresh_token(), rule, &POLICY, &mut moment());
    decision.answer.unwrap();
    store.commit(&decision.changes).await.unwrap();
}

#[tokio::test]
async fn every_flow_takes_as_few_statements_as_it_can() {
    let place = Place::new().await;
    let said = Said::default();
    let store = said.listen(place.store().await);
    let (changes, grant) = registration("ada");
    store.commit(&changes).await.unwrap();
    assert_eq!(said.verbs(), ["INSERT"; 5]);
    store.session(grant.session()).await.unwrap().unwrap();
    assert_eq!(said.verbs(), ["SELECT"]);
    turn(&store, &grant).await;
    assert_eq!(said.verbs(), ["SELECT", "UPDATE"]);
    sign_in(&store, None).await;
    assert_eq!(said.verbs(), ["SELECT", "SELECT", "UPDATE", "INSERT", "UPDATE", "INSERT"]);
}

async fn sign_in(store: &SqlStore, renewed: Option<PasswordHash>) {
    let ada = store.with_email(address("ada").key()).await.unwrap();
    let check = PasswordCheck::Right { renewed };
    let rule = VerificationRule::Optional;
    let earlier = store.sessions_of(ada.as_ref().unwrap().id, 100).await.unwrap();
    let policy = SessionPolicy { most: NonZeroU32::new(50), ..POLICY };
    let guess = Guess::default();
    let facts = login::Facts { account: ada.as_ref(), earlier: &earlier, guess: &guess };
    let decision = login::login(facts, check, Persistence::Normal, rule, &policy, &mut moment());
    store.commit(&decision.changes).await.unwrap();
}

/// Everything that a store does, once.
async fn exercise(store: &SqlStore) {
    let (changes, grant) = registration("ada");
    store.commit(&changes).await.unwrap();
    turn(store, &grant).await;
    sign_in(store, None).await;
    sign_in(store, Some(hash())).await;
    let ada = store.with_email(address("ada").key()).await.unwrap().unwrap();
    let reset = password_reset::request(Some(&ada), &issuer(), &mut moment()).changes;
    store.commit(&reset).await.unwrap();
    confirm(store, &changes).await;
    confirm(store, &reset).await;
    let signed_in = store.session(grant.session()).await.unwrap().unwrap();
    let revoke = session::Change::Revoke { id: signed_in.session.id, at: NOW };
    store.commit(&Changes::default().with(revoke)).await.unwrap();
    look_after(store).await;
    attend(store).await;
    deliver(store).await;
    manage_roles(store, ada.id).await;
    keep_house(store).await;
    store.check().await.unwrap();
}

/// Everything that the owner of an account does to it, and sees of it.
async fn look_after(store: &SqlStore) {
    let (changes, grant) = registration("eve");
    store.commit(&changes).await.unwrap();
    let eve = || async { store.with_email(address("eve").key()).await.unwrap().unwrap() };
    let account = eve().await;
    let (id, keep) = (account.id, grant.session());
    let profile = ProfileChange { name: Some(None), image: Some(None) };
    for changes in [
        profile::change(id, profile, &mut moment()).changes,
        password_change::change(&account, keep, hash(), &mut moment()).changes,
        revocation::revoke_all(id, Some(keep), &mut moment()).changes,
    ] {
        store.commit(&changes).await.unwrap();
    }
    let account = eve().await;
    let facts = email_change::Facts { account: &account, taken: None, way_back: None };
    let (rule, to) = (VerificationRule::Optional, address("evelyn"));
    let request = email_change::request(facts, to, rule, &issuer(), &mut moment()).changes;
    store.commit(&request).await.unwrap();
    confirm(store, &request).await;
    store.unspent(id).await.unwrap();
    store.accounts(Some(id), 10).await.unwrap();
    store.events_about(id, None, 10).await.unwrap();
    store.events_since(NOW, 10).await.unwrap();
    store.latest_events(10).await.unwrap();
    for deletion in [Deletion::Soft, Deletion::Hard] {
        let account = store.with_id(id).await.unwrap().unwrap();
        let administrators = store.administrators().await.unwrap();
        let changes = deletion::delete(&account, &administrators, deletion, &mut moment()).unwrap();
        store.commit(&changes).await.unwrap();
    }
}

/// Keeps what a stranger asks for, and settles it.
async fn attend(store: &SqlStore) {
    keep(store).await;
    store.pending_registration(address("ada").key()).await.unwrap();
    for request in store.pending(None, 10).await.unwrap() {
        let settle = pending_request::Change::Settle(request.id);
        store.commit(&Changes::default().with(settle)).await.unwrap();
    }
}

async fn keep(store: &SqlStore) {
    let request = PendingRequest::new(address("ada"), Wanted::PasswordReset, &mut moment());
    let keep = pending_request::Change::Keep(request);
    store.commit(&Changes::default().with(keep)).await.unwrap();
}

/// Everything that is done with roles, but to list them all.
async fn manage_roles(store: &SqlStore, account: AccountId) {
    let rights = store.rights(account).await.unwrap();
    let found = store.role(&RoleName::ADMIN).await.unwrap();
    let (rights, found) = (rights.as_ref(), found.as_ref());
    let made = role::make_administrator(account, rights, found, None, &mut moment()).unwrap();
    store.commit(&made).await.unwrap();
    let from = store.administrators().await.unwrap().guard;
    let (role, permissions) = (RoleName::ADMIN, [Permission::MANAGE_ROLES].into());
    for change in [
        role::Change::MoveGuard { from },
        role::Change::Withdraw { role: role.clone(), permissions },
        role::Change::Revoke { account, role: role.clone() },
        role::Change::Delete(role),
    ] {
        store.commit(&Changes::default().with(change)).await.unwrap();
    }
}

/// Follows the link that a list of changes mails.
async fn confirm(store: &SqlStore, changes: &Changes) {
    for change in changes {
        let Change::OneTime(one_time::Change::Issue(token) | one_time::Change::IssueFirst(token)) =
            change
        else {
            continue;
        };
        let found = store.issued(token.kind, token.hash).await.unwrap();
        let changes = match token.kind {
            Kind::EmailVerification => {
                email_verification::confirm(found.as_ref(), &mut moment()).changes
            }
            Kind::PasswordReset => {
                password_reset::confirm(found.as_ref(), hash(), &mut moment()).changes
            }
            Kind::EmailChange => email_change::confirm(found.as_ref(), None, &mut moment()).changes,
            Kind::EmailRevert => {
                email_change::revert(found.as_ref(), None, &issuer(), &mut moment()).changes
            }
        };
        assert!(!changes.is_empty());
        store.commit(&changes).await.unwrap();
    }
}

async fn deliver(store: &SqlStore) {
    let claimed = store.claim(NOW, Duration::from_mins(1), 10).await.unwrap();
    let done = Settlement::Done { state: State::HandedOver, reason: None, at: NOW };
    let retry = Settlement::Retry { at: NOW, reason: None };
    for (claimed, settlement) in claimed.iter().zip([done, retry].into_iter().cycle()) {
        store.settle(claimed.mail.id, settlement).await.unwrap();
    }
    store.backlog().await.unwrap();
    count(store).await;
    follow(store, claimed[0].mail.id).await;
}

/// Counts an attempt that there is room for, and one that there is none for.
async fn count(store: &SqlStore) {
    let rate = Rate::new(1, Duration::from_mins(1)).unwrap();
    let bucket = Bucket { name: "mail".to_owned(), rate, keeping: Keeping::Lasting };
    for is_allowed in [true, false] {
        let attempt = store.attempt(std::slice::from_ref(&bucket), NOW).await;
        assert_eq!(attempt.unwrap().is_ok(), is_allowed);
    }
    let forget = limit::Change::Forget(vec!["another".to_owned()]);
    let changes = Changes::default().with(limit::Change::GiveBack(bucket)).with(forget);
    store.commit(&changes).await.unwrap();
}

/// Everything that is done with a mail that was sent.
async fn follow(store: &SqlStore, mail: MailId) {
    let to = address("ada");
    let notice = Notice { mail, event: delivery::Event::HardBounce, reason: None };
    let suppression =
        Suppression { address: to.key().clone(), cause: delivery::Cause::HardBounce, at: NOW };
    for change in [
        delivery::Change::Note(notice),
        delivery::Change::Suppress(suppression),
        delivery::Change::Lift(to.key().clone()),
    ] {
        store.commit(&Changes::default().with(change)).await.unwrap();
    }
    store.suppression(to.key()).await.unwrap();
    store.delivery(mail).await.unwrap();
    store.deliveries_to(to.key(), 10).await.unwrap();
    store.deliveries_in(State::Queued, 10).await.unwrap();
    store.requeue(mail, NOW).await.unwrap();
    store.forget(mail).await.unwrap();
}

/// Removes all that is left, of which there is something of every sort once somebody has registered.
async fn keep_house(store: &SqlStore) {
    store.commit(&registration("bob").0).await.unwrap();
    keep(store).await;
    let mut seen = moment().of(&Visitor {
        origin: Origin { address: "192.0.2.7".parse().ok(), ..Origin::default() },
        ..Visitor::default()
    });
    let event = Event::new(EventKind::SignInRefused, &mut seen);
    store.commit(&Changes::default().with(event)).await.unwrap();
    assert_eq!(store.forget_origins(NOW, 10).await.unwrap(), 1);
    // A session that was revoked expires as well: it is removed for the first reason first.
    for &remains in Remains::ALL.iter().rev() {
        let horizon = NOW.plus(Duration::from_hours(1));
        assert!(store.remove(remains, horizon, 10).await.unwrap() > 0, "{remains:?}");
    }
}

#[tokio::test]
async fn no_statement_reads_a_whole_table() {
    let place = Place::new().await;
    let said = Said::default();
    let store = said.listen(place.store().await);
    exercise(&store).await;
    let mut said = said.take();
    let verbs = ["SELECT", "INSERT", "UPDATE", "DELETE"];
    said.retain(|it| verbs.iter().any(|verb| it.sql.starts_with(verb)));
    said.retain(|it| !it.sql.contains("fastauth_migration"));
    said.sort_by(|one, other| one.sql.cmp(&other.sql));
    said.dedup_by(|one, other| one.sql == other.sql);
    let stranger = place.stranger().await;
    for statement in &said {
        let scans = crate::place::scans(&stranger, statement).await;
        assert!(scans.is_empty(), "{scans:?} in {}", statement.sql);
    }
    assert!(said.len() >= 28, "{} statements", said.len());
}
