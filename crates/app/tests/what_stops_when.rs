//! What stops when somebody leaves, or is made to: the table of `docs/how-to/protect-routes.md`.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{pin::Pin, time::Duration};

use fastauth::{
    Builder, FastAuth,
    application::account::Caller,
    domain::{deletion::Deletion, password::PresentedPassword, visitor::Visitor},
    secrecy::ExposeSecret,
    testing::{PASSWORD, TestAuth, TestUser},
};

const PAGE: &str = include_str!("../../../docs/how-to/protect-routes.md");

/// Something that ends a session, done by an instance to a user.
type Ending = for<'a> fn(&'a TestAuth, &'a TestUser) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// The rows of the table.
const ROWS: [(&str, Ending); 6] = [
    ("The user logs out", |auth, user| Box::pin(log_out(auth, user))),
    ("The session is revoked", |auth, user| Box::pin(revoke(auth, user))),
    ("The password is changed (other sessions)", |auth, user| {
        Box::pin(change_the_password(auth, user))
    }),
    ("The password is reset", |auth, user| Box::pin(reset_the_password(auth, user))),
    ("The account is disabled", |auth, user| Box::pin(delete(auth, user, Deletion::Soft))),
    ("The account is deleted", |auth, user| Box::pin(delete(auth, user, Deletion::Hard))),
];

async fn log_out(test: &TestAuth, user: &TestUser) {
    let sessions = &test.auth.use_cases().sessions;
    sessions.logout(&user.tokens.refresh_token, &Visitor::default()).await.unwrap();
}

async fn revoke(test: &TestAuth, user: &TestUser) {
    let Caller { account, session } = caller(test, user).await;
    let revocations = &test.auth.use_cases().revocations;
    revocations.revoke(account.id, session, &Visitor::default()).await.unwrap();
}

/// From another session.
async fn change_the_password(test: &TestAuth, user: &TestUser) {
    let other = Caller {
        session: "01a2076e-f59e-7023-b05c-184f3a938aca".parse().unwrap(),
        ..caller(test, user).await
    };
    let changes = &test.auth.use_cases().password_changes;
    let (present, new) = (PresentedPassword::new(&PASSWORD.into()), "newpassword456".into());
    changes.change(&other, &present, &new, &Visitor::default()).await.unwrap();
}

async fn delete(test: &TestAuth, user: &TestUser, deletion: Deletion) {
    let (deletions, caller) = (&test.auth.use_cases().deletions, caller(test, user).await);
    let password = PresentedPassword::new(&PASSWORD.into());
    deletions.delete(&caller, &password, deletion, &Visitor::default()).await.unwrap();
}

async fn caller(test: &TestAuth, user: &TestUser) -> Caller {
    test.auth.accounts().identify(&user.tokens.access_token).await.unwrap()
}

async fn reset_the_password(test: &TestAuth, user: &TestUser) {
    let (resets, nobody) = (&test.auth.use_cases().password_resets, Visitor::default());
    resets.request(user.account.email.clone(), &nobody).await.unwrap();
    while test.auth.mail_relay().deliver_due().await.unwrap() > 0 {}
    let mails = test.mailbox.mails();
    let mail = mails.iter().rfind(|mail| mail.subject.starts_with("Choose a new password"));
    let (_, rest) = mail.unwrap().text.expose_secret().split_once("token=").unwrap();
    let token = fastauth::domain::token::Token::presented(rest.split_whitespace().next().unwrap());
    resets.confirm(&token, &"newpassword456".into(), &nobody).await.unwrap();
}

const MAX_AGE: Duration = Duration::from_secs(30);
const LIFETIME: Duration = Duration::from_mins(30);

/// The last microsecond before something is so long ago.
const fn almost(span: Duration) -> Duration {
    span.saturating_sub(MOMENT)
}

const MOMENT: Duration = Duration::from_micros(1);

fn remembering() -> Builder {
    FastAuth::builder().set("SESSION_CACHE_SECONDS", "30")
}

/// Whether an instance takes the user for signed in.
async fn knows(test: &TestAuth, user: &TestUser) -> bool {
    test.auth.accounts().identify(&user.tokens.access_token).await.is_ok()
}

/// Whether an instance takes the user's access token for one that is in force.
fn believes(test: &TestAuth, user: &TestUser) -> bool {
    test.auth.bearers().claims(&user.tokens.access_token).is_ok()
}

async fn refreshes(test: &TestAuth, user: &TestUser) -> bool {
    test.auth
        .use_cases()
        .sessions
        .refresh(&user.tokens.refresh_token, &Visitor::default())
        .await
        .is_ok()
}

#[tokio::test]
async fn each_way_to_end_a_session_stops_each_token_when_the_page_says() {
    for (row, end) in ROWS {
        let here = TestAuth::of(remembering()).await.unwrap();
        let elsewhere = here.beside(remembering()).await.unwrap();
        let looking = here.beside(FastAuth::builder()).await.unwrap();
        let instances = [&here, &elsewhere, &looking];
        let user = here.signed_in("ada@example.com").await.unwrap();
        for instance in instances {
            assert!(knows(instance, &user).await && believes(instance, &user), "{row}");
        }

        end(&here, &user).await;
        for instance in instances {
            assert!(!refreshes(instance, &user).await, "{row}: the refresh token goes on");
        }
        assert!(!knows(&looking, &user).await, "{row}: it is not looked up");
        assert!(!knows(&here, &user).await, "{row}: it is not seen where it was done");
        here.clock.advance(almost(MAX_AGE));
        assert!(knows(&elsewhere, &user).await, "{row}: it is looked up too often");
        here.clock.advance(MOMENT);
        assert!(!knows(&elsewhere, &user).await, "{row}: it is remembered for too long");

        here.clock.advance(almost(LIFETIME.saturating_sub(MAX_AGE)));
        assert!(instances.iter().all(|it| believes(it, &user)), "{row}: the token has expired");
        here.clock.advance(MOMENT);
        assert!(!instances.iter().any(|it| believes(it, &user)), "{row}: the token goes on");
    }
}

#[test]
fn the_page_has_a_row_for_each() {
    let (_, table) = PAGE.split_once("## What stops when").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| The "));
    let named: Vec<_> = rows.filter_map(|line| line.split('|').nth(1)).map(str::trim).collect();
    let mut all: Vec<_> = ROWS.iter().map(|(row, _)| *row).collect();
    assert_eq!(named.len(), all.len());
    all.retain(|row| !named.contains(row));
    assert!(all.is_empty(), "{all:?}");
}

#[tokio::test]
async fn a_session_that_is_remembered_ends_in_time() {
    const DAY: Duration = Duration::from_hours(24);
    let test = TestAuth::of(remembering()).await.unwrap();
    let mut user = test.signed_in("ada@example.com").await.unwrap();
    let last = (6 * DAY).saturating_sub(MAX_AGE / 2);
    for span in [6 * DAY, 6 * DAY, 6 * DAY, 6 * DAY, last] {
        test.clock.advance(span);
        let sessions = &test.auth.use_cases().sessions;
        user.tokens =
            sessions.refresh(&user.tokens.refresh_token, &Visitor::default()).await.unwrap();
    }
    assert!(knows(&test, &user).await);
    test.clock.advance(almost(MAX_AGE / 2));
    assert!(knows(&test, &user).await);
    test.clock.advance(MOMENT);
    assert!(believes(&test, &user) && !knows(&test, &user).await);
}
