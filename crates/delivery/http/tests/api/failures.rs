//! When something behind the API fails, nothing is written, and the client is told what to do but
//! not why.

use std::sync::Arc;

use axum::http::{Method, header};
use fastauth_ports::{health::MockCheckHealth, unavailable::Unavailable};
use serde_json::{Value, json};

use crate::world::{Answer, EMAIL, PASSWORD, World, request};

fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.outcome(), "503 unavailable", "{answer:?}");
    assert_eq!(answer.header(header::RETRY_AFTER), "1");
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
    assert!(!answer.body.contains("fault"), "the cause is for the log: {}", answer.body);
}

/// A world with an account, and the requests that write something there, each with the status of
/// its success.
async fn writes() -> (World, Vec<(&'static str, Value, u16)>) {
    let world = World::open();
    let tokens = world.register(EMAIL).await;
    let verification = world.mailed_token().await;
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    let reset = world.mailed_token().await;
    let other = json!({ "email": "other@example.com", "password": PASSWORD });
    let credentials = json!({ "email": EMAIL, "password": PASSWORD });
    let refresh = json!({ "refresh_token": tokens.member("refresh_token") });
    let new_password = json!({ "token": reset, "new_password": "newpassword456" });
    let requests = vec![
        ("/auth/register", other, 201),
        ("/auth/login", credentials, 200),
        ("/auth/login", json!({ "email": EMAIL, "password": "wrong password" }), 401),
        ("/auth/refresh", refresh.clone(), 200),
        ("/auth/logout", refresh, 204),
        ("/auth/email-verification/confirm", json!({ "token": verification }), 204),
        ("/auth/password-reset/confirm", new_password, 204),
        ("/auth/password-reset/request", json!({ "email": EMAIL }), 204),
        ("/auth/email-verification/resend", json!({ "email": EMAIL }), 204),
    ];
    (world, requests)
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_the_request_can_be_repeated() {
    let (world, requests) = writes().await;
    for (path, body, success) in requests {
        let before = world.store.audit_events().len();
        world.fault.fail_write(1);
        assert_unavailable(&world.post(path, &body).await);
        assert_eq!(world.store.audit_events().len(), before, "{path}");
        assert_eq!(world.post(path, &body).await.status, success, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_cannot_do_its_work_keeps_the_link_good() {
    let world = World::open();
    world.register(EMAIL).await;
    let form = format!("token={}", world.mailed_token().await);
    let submit = async || {
        let media_type = "application/x-www-form-urlencoded";
        world.send(request(Method::POST, "/verify-email", media_type, form.clone())).await
    };
    world.fault.fail_write(1);
    let answer = submit().await;
    assert_eq!((answer.status.as_u16(), answer.header(header::RETRY_AFTER)), (503, "1"));
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
    assert!(!answer.body.contains("fault"), "{}", answer.body);
    assert_eq!(submit().await.status, 200);
}

/// A server whose readiness hangs on this check.
fn depending_on(check: MockCheckHealth) -> World {
    let mut world = World::open();
    world.router = fastauth_http::server_router(&world.use_cases, vec![Arc::new(check)]);
    world
}

#[tokio::test]
async fn a_server_whose_parts_do_not_answer_is_not_ready_and_still_alive() {
    let mut check = MockCheckHealth::new();
    check.expect_check().returning(|| Err(Unavailable::new("a fault")));
    let world = depending_on(check);
    assert_unavailable(&world.get("/health/ready").await);
    assert_eq!(world.get("/health/live").await.status, 200);
}

#[tokio::test]
async fn a_panic_is_500_and_says_nothing() {
    let mut check = MockCheckHealth::new();
    check.expect_check().returning(|| panic!("a fault"));
    let answer = depending_on(check).get("/health/ready").await;
    assert_eq!(answer.outcome(), "500 internal_error");
    assert_eq!(answer.member("request_id"), answer.header("x-request-id"));
    assert!(!answer.body.contains("fault"), "{}", answer.body);
}
