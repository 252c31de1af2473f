//! Nobody learns whether an address has an account: not from the answer, nor from the work behind it.

use axum::http::HeaderMap;
use serde_json::json;

use crate::world::{Answer, EMAIL, PASSWORD, World};

/// All of an answer but what names the request.
fn visible(answer: &Answer) -> (u16, HeaderMap, String) {
    let mut headers = answer.headers.clone();
    let id = headers.remove("x-request-id").unwrap();
    let body = answer.body.replace(id.to_str().unwrap(), "");
    (answer.status.as_u16(), headers, body)
}

#[tokio::test]
async fn a_failed_login_looks_the_same_for_a_known_and_an_unknown_address() {
    let world = World::verifying();
    world.register(EMAIL).await;
    let known = world.login(EMAIL, "wrong password").await;
    let unknown = world.login("nobody@example.com", "wrong password").await;
    assert_eq!(visible(&known), visible(&unknown));
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
        assert_eq!(visible(&known), visible(&unknown));
        world.attend().await;
        assert_eq!(world.store.audit_events().len(), 3, "both leave an event");
    }
}

#[tokio::test]
async fn a_registration_looks_the_same_for_a_free_and_a_taken_address() {
    let world = World::verifying();
    let free = world.register(EMAIL).await;
    let taken = world.register(EMAIL).await;
    assert_eq!(visible(&free), visible(&taken));
    assert_eq!(world.hasher.hashes(), 2, "both cost a hash");
    assert_eq!(world.mails().await, 2, "both send a mail");
    assert_eq!(world.login(EMAIL, PASSWORD).await.outcome(), "403 email_not_verified");
}
