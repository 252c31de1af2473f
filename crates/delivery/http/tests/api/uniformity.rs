//! Nobody learns whether an address has an account: not from the answer, nor from the work behind it.

use std::{num::NonZeroU32, time::Duration};

use axum::http::Method;
use fastauth_domain::{
    account::{self, Account},
    change::Changes,
    email::EmailAddress,
    guess::GuessLimits,
    limit::Rate,
    moment::Moment,
    password::PasswordHash,
};
use fastauth_ports::{clock::Clock, commit::Commit};
use serde_json::json;

use crate::{
    parts::Limits,
    world::{EMAIL, PASSWORD, World},
};

const WRONG: &str = "wrong password";
/// How many wrong passwords in a row an account takes.
const MOST: u32 = 30;
/// Whose addresses there are, and what is wrong with their accounts, but for the first.
const CLASSES: [&str; 7] =
    ["verified", "nobody", "unverified", "closed", "passwordless", "deleted", "locked"];

fn address(class: &str) -> String {
    format!("{class}@example.com")
}

/// Somebody of each class but `nobody`, where addresses must be verified.
async fn everybody(guesses: GuessLimits) -> World {
    let world = World::verifying_and_limited(Limits { guesses, ..Limits::default() });
    for class in CLASSES.into_iter().filter(|class| *class != "nobody") {
        let hash = PasswordHash::from_phc(format!("$plain$v=0,n=0${PASSWORD}"));
        let mut moment = Moment::new(world.clock.now(), [7; 32]);
        let email = EmailAddress::parse(&address(class)).unwrap();
        let mut account = Account::open(email, None, hash, &mut moment);
        let now = Some(world.clock.now());
        account.verified_at = now.filter(|_| class != "unverified");
        account.disabled_at = now.filter(|_| class == "closed");
        account.password = account.password.filter(|_| class != "passwordless");
        let changes = Changes::default().with(account::Change::Create(account));
        world.store.commit(&changes).await.unwrap();
        world.clock.advance(Duration::from_millis(1));
    }
    let access = world.login(&address("deleted"), PASSWORD).await.member("access_token");
    let body = json!({ "password": PASSWORD });
    let deleted = world.send_as(&access, Method::DELETE, "/account/delete", &body).await;
    assert_eq!(deleted.status, 200);
    for _ in 0..MOST {
        world.clock.advance(Duration::from_mins(1));
        world.login(&address("locked"), WRONG).await;
    }
    // What was counted meanwhile is over, but for the row.
    world.clock.advance(Duration::from_hours(1));
    world
}

/// Every sign-in that is refused without a word of why.
fn refused_sign_ins() -> impl Iterator<Item = (&'static str, &'static str)> {
    let wrong = CLASSES.map(|class| (class, WRONG));
    let right = ["nobody", "closed", "passwordless", "deleted", "locked"];
    wrong.into_iter().chain(right.map(|class| (class, PASSWORD)))
}

#[tokio::test]
async fn a_sign_in_is_refused_alike_whatever_is_wrong() {
    let most = NonZeroU32::new(MOST);
    let world = everybody(GuessLimits { rate: None, most }).await;
    let mut first = None;
    for (class, password) in refused_sign_ins() {
        let (compared, told) = (world.hasher.comparisons(), world.store.audit_events().len());
        let answer = world.login(&address(class), password).await;
        assert_eq!(answer.outcome(), "401 invalid_credentials", "{class}, {password}");
        let first = first.get_or_insert_with(|| answer.visible());
        assert_eq!(answer.visible(), *first, "{class}, {password}");
        assert_eq!(world.hasher.comparisons(), compared + 1, "{class}, {password}");
        assert_eq!(world.store.audit_events().len(), told + 1, "{class}, {password}");
    }
}

#[tokio::test]
async fn whoever_goes_on_is_told_to_wait_alike_whatever_is_wrong() {
    let rate = Rate::new(5, Duration::from_mins(1));
    let world = everybody(GuessLimits { rate, most: NonZeroU32::new(MOST) }).await;
    let mut first: Option<Vec<_>> = None;
    for (client, (class, password)) in refused_sign_ins().enumerate() {
        world.clock.advance(Duration::from_hours(1));
        let mut answers = Vec::new();
        for _ in 0..7 {
            let body = json!({ "email": address(class), "password": password });
            let from = format!("198.51.100.{client}");
            answers.push(world.post_from(&from, "/auth/login", &body).await.visible());
        }
        let statuses: Vec<_> = answers.iter().map(|(status, ..)| *status).collect();
        assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429], "{class}, {password}");
        assert_eq!(answers, *first.get_or_insert_with(|| answers.clone()), "{class}, {password}");
    }
}

#[tokio::test]
async fn a_link_is_asked_for_alike_by_everybody() {
    for path in [
        "/auth/password-reset/request",
        "/auth/email-verification/request",
        "/auth/email-verification/resend",
    ] {
        let world = everybody(GuessLimits { rate: None, most: NonZeroU32::new(MOST) }).await;
        let (mut first, earlier) = (None, world.store.audit_events().len());
        for class in CLASSES {
            let answer = world.post(path, &json!({ "email": address(class) })).await;
            assert_eq!(answer.outcome(), "204", "{class}");
            assert_eq!(answer.visible(), *first.get_or_insert_with(|| answer.visible()), "{class}");
        }
        assert_eq!(world.store.audit_events().len(), earlier, "nothing is decided before");
        world.attend().await;
        assert_eq!(world.store.audit_events().len(), earlier + CLASSES.len(), "{path}");
    }
}

#[tokio::test]
async fn a_registration_is_answered_alike_whoever_has_the_address() {
    let world = everybody(GuessLimits { rate: None, most: NonZeroU32::new(MOST) }).await;
    let mut first = None;
    for class in CLASSES {
        let answer = world.register(&address(class)).await;
        assert_eq!(answer.status, 202, "{class}");
        assert_eq!(answer.visible(), *first.get_or_insert_with(|| answer.visible()), "{class}");
    }
}

#[tokio::test]
async fn a_failed_login_looks_the_same_for_a_known_and_an_unknown_address() {
    let world = World::verifying();
    world.register(EMAIL).await;
    let known = world.login(EMAIL, "wrong password").await;
    let unknown = world.login("nobody@example.com", "wrong password").await;
    assert_eq!(known.visible(), unknown.visible());
    assert_eq!(world.hasher.comparisons(), 2, "both cost a comparison");
    assert_eq!(world.store.audit_events().len(), 3, "both leave an event");
}

#[tokio::test]
async fn a_request_for_mail_looks_the_same_for_a_known_and_an_unknown_address() {
    for path in [
        "/auth/password-reset/request",
        "/auth/email-verification/request",
        "/auth/email-verification/resend",
    ] {
        let world = World::open();
        world.register(EMAIL).await;
        let known = world.post(path, &json!({ "email": EMAIL })).await;
        let unknown = world.post(path, &json!({ "email": "nobody@example.com" })).await;
        assert_eq!(known.visible(), unknown.visible());
        world.attend().await;
        assert_eq!(world.store.audit_events().len(), 3, "both leave an event");
    }
}

#[tokio::test]
async fn a_registration_looks_the_same_for_a_free_and_a_taken_address() {
    let world = World::verifying();
    let free = world.register(EMAIL).await;
    let taken = world.register(EMAIL).await;
    assert_eq!(free.visible(), taken.visible());
    assert_eq!(world.hasher.hashes(), 2, "both cost a hash");
    assert_eq!(world.mails().await, 2, "both send a mail");
    assert_eq!(world.login(EMAIL, PASSWORD).await.outcome(), "403 email_not_verified");
}
