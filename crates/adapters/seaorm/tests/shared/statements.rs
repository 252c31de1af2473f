//! What is said to the database: how many statements, and by way of which index.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fastauth_domain::{
    change::{Change, Changes},
    email_verification,
    gate::{Grant, VerificationRule},
    login::{self, PasswordCheck},
    one_time::{self, Kind},
    password_reset,
    session::{self, Persistence},
};
use fastauth_ports::{
    accounts::ReadAccounts,
    commit::Commit,
    health::CheckHealth,
    mail::{ClaimMail, Settlement},
    one_time::ReadOneTimeTokens,
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
async fn a_look_at_a_session_is_one_read_and_a_refresh_one_read_and_one_write() {
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
}

/// Everything that a store does, once.
async fn exercise(store: &SqlStore) {
    let (changes, grant) = registration("ada");
    store.commit(&changes).await.unwrap();
    turn(store, &grant).await;
    let ada = store.with_email(address("ada").key()).await.unwrap().unwrap();
    for renewed in [None, Some(hash())] {
        let check = PasswordCheck::Right { renewed };
        let rule = VerificationRule::Optional;
        let decision =
            login::login(Some(&ada), check, Persistence::Normal, rule, &POLICY, &mut moment());
        store.commit(&decision.changes).await.unwrap();
    }
    let reset = password_reset::request(Some(&ada), &issuer(), &mut moment()).changes;
    store.commit(&reset).await.unwrap();
    confirm(store, &changes).await;
    confirm(store, &reset).await;
    let signed_in = store.session(grant.session()).await.unwrap().unwrap();
    let revoke = session::Change::Revoke { id: signed_in.session.id, at: NOW };
    store.commit(&Changes::default().with(revoke)).await.unwrap();
    deliver(store).await;
    store.check().await.unwrap();
}

/// Follows the link that a list of changes mails.
async fn confirm(store: &SqlStore, changes: &Changes) {
    for change in changes {
        let Change::OneTime(one_time::Change::Issue(token)) = change else { continue };
        let found = store.issued(token.kind, token.hash).await.unwrap();
        let changes = match token.kind {
            Kind::EmailVerification => {
                email_verification::confirm(found.as_ref(), &mut moment()).changes
            }
            Kind::PasswordReset => {
                password_reset::confirm(found.as_ref(), hash(), &mut moment()).changes
            }
        };
        assert!(!changes.is_empty());
        store.commit(&changes).await.unwrap();
    }
}

async fn deliver(store: &SqlStore) {
    let claimed = store.claim(NOW, Duration::from_mins(1), 10).await.unwrap();
    for (claimed, settlement) in
        claimed.iter().zip([Settlement::Done, Settlement::Retry(NOW)].into_iter().cycle())
    {
        store.settle(claimed.mail.id, settlement).await.unwrap();
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
    assert!(said.len() >= 18, "{} statements", said.len());
}
