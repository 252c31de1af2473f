//! The log has the causes that the client does not get, and none of the secrets that it sends.

use std::{
    cell::RefCell,
    io,
    sync::{Arc, Once},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Method, Request},
};
use fastauth_ports::{health::MockCheckHealth, unavailable::Unavailable};
use serde_json::json;
use tracing::level_filters::LevelFilter;

use crate::world::{EMAIL, PASSWORD, World, request};

thread_local! {
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes to what its thread has logged. A test has a thread of its own.
struct ThisThread;

impl io::Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps everything that is logged from now on, at every level. There is one subscriber for all
/// threads: what one thread finds uninteresting would be kept from the others.
pub(crate) fn start() {
    static START: Once = Once::new();
    START.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(|| ThisThread)
            .with_ansi(false)
            .init();
    });
}

/// Everything this thread has logged, as text.
pub(crate) fn logged() -> String {
    LOGGED.with_borrow(|logged| String::from_utf8(logged.clone()).unwrap())
}

#[tokio::test]
async fn a_failure_is_logged_once_with_its_cause_and_the_name_of_the_request() {
    let world = World::open();
    world.fault.fail_write(1);
    let answer = world.register(EMAIL).await;
    let text = logged();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("injected fault")).collect();
    assert_eq!(lines.len(), 1, "{text}");
    assert!(lines[0].contains("ERROR") && lines[0].contains(answer.header("x-request-id")));
    assert!(lines[0].contains("/auth/register"), "{text}");
}

/// The lines that have this, so far.
fn lines_with(text: &str) -> Vec<String> {
    logged().lines().filter(|line| line.contains(text)).map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn a_page_that_fails_is_logged_as_everything_else() {
    let world = World::open();
    world.register(EMAIL).await;
    let form = format!("token={}", world.mailed_token().await);
    world.fault.fail_write(1);
    let form_type = "application/x-www-form-urlencoded";
    let answer = world.send(request(Method::POST, "/verify-email", form_type, form)).await;
    let lines = lines_with("injected fault");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("ERROR") && lines[0].contains(answer.header("x-request-id")));
}

#[tokio::test]
async fn an_outage_is_logged_a_few_times_a_second_and_not_with_each_request() {
    let mut world = World::open();
    let mut check = MockCheckHealth::new();
    check.expect_check().returning(|| Err(Unavailable::new("the cable is cut")));
    world.router = fastauth_http::server_router(&world.use_cases, vec![Arc::new(check)]);
    tokio::time::pause();
    let ask = async || {
        for _ in 0..100 {
            assert_eq!(world.get("/health/ready").await.status, 503);
        }
    };
    ask().await;
    assert_eq!(lines_with("the cable is cut").len(), 5);
    tokio::time::advance(Duration::from_secs(1)).await;
    ask().await;
    let lines = lines_with("the cable is cut");
    assert_eq!(lines.len(), 10, "{lines:?}");
    assert!(lines[5].contains("left_out=95"), "{}", lines[5]);
}

#[tokio::test]
async fn whoever_is_turned_away_makes_no_line_that_an_operator_sees() {
    let mut world = World::open();
    let mut check = MockCheckHealth::new();
    check.expect_check().returning(|| Err(Unavailable::busy("everybody is here")));
    world.router = fastauth_http::server_router(&world.use_cases, vec![Arc::new(check)]);
    assert_eq!(world.get("/health/ready").await.status, 503);
    let lines = lines_with("everybody is here");
    assert!(lines.len() == 1 && lines[0].contains("DEBUG"), "{lines:?}");
}

#[tokio::test]
async fn no_secret_is_logged_at_any_level() {
    let world = World::open();
    let tokens = world.register(EMAIL).await;
    let (access, refresh) = (tokens.member("access_token"), tokens.member("refresh_token"));
    world.login(EMAIL, "a wrong password").await;
    world.me(&access).await;
    let successor = world.refresh(&refresh).await.member("refresh_token");
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    let reset = world.mailed_token().await;
    world.get(&format!("/reset-password?token={reset}")).await;
    let body = json!({ "token": reset, "new_password": "newpassword456" });
    world.post("/auth/password-reset/confirm", &body).await;
    world.fault.fail_write(1);
    world.login(EMAIL, "newpassword456").await;
    let request = Request::get("/nowhere?secret=in-the-query").header("cookie", "in-a-header");
    world.send(request.body(Body::empty()).unwrap()).await;

    let text = logged();
    assert!(text.contains("/reset-password") && text.contains("injected fault"), "{text}");
    let passwords = [PASSWORD, "a wrong password", "newpassword456"];
    let tokens = [&*access, &*refresh, &*successor, &*reset];
    for secret in passwords.into_iter().chain(tokens).chain(["in-the-query", "in-a-header"]) {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
