//! Every success and every refusal of the core.

use std::time::Duration;

use axum::http::header;
use fastauth_domain::audit::EventKind;
use serde_json::{Value, json};

use crate::world::{DAY, EMAIL, PASSWORD, World};

fn events(world: &World) -> Vec<EventKind> {
    world.store.audit_events().iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn a_registration_signs_in_and_me_tells_who_it_is() {
    let world = World::open();
    let body =
        json!({ "email": "User@Example.com", "password": PASSWORD, "name": " Ada ", "x": 1 });
    let answer = world.post("/auth/register", &body).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let tokens = answer.json();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("bearer"), &json!(1_800)));
    let mut me = world.me(&answer.member("access_token")).await.json();
    assert_eq!(me["id"].take().as_str().unwrap().len(), 36);
    assert_eq!(
        me,
        json!({
            "id": null, "email": "User@Example.com", "name": "Ada", "image": null,
            "is_verified": false, "is_active": true,
            "created_at": "2027-01-15T08:00:00Z", "last_login": "2027-01-15T08:00:00Z",
        })
    );
    assert!(world.newest_mail().await.contains("verify"));
    assert_eq!(events(&world), [EventKind::Registered]);
}

#[tokio::test]
async fn a_taken_address_in_any_spelling_is_refused() {
    let world = World::open();
    assert_eq!(world.register(EMAIL).await.status, 201);
    for email in [EMAIL, "USER@EXAMPLE.COM", "user@Example.com"] {
        assert_eq!(world.register(email).await.outcome(), "409 user_already_exists");
    }
    assert_eq!(world.mails().await, 1);
}

#[tokio::test]
async fn where_addresses_must_be_verified_the_mail_opens_the_account() {
    let world = World::verifying();
    let answer = world.register(EMAIL).await;
    assert_eq!(answer.status, 202);
    assert!(answer.json()["message"].is_string() && answer.json()["access_token"].is_null());
    assert_eq!(world.login(EMAIL, PASSWORD).await.outcome(), "403 email_not_verified");
    assert_eq!(world.login(EMAIL, "wrong password").await.outcome(), "401 invalid_credentials");
    let token = json!({ "token": world.mailed_token().await });
    assert_eq!(world.post("/auth/email-verification/confirm", &token).await.outcome(), "204");
    let again = world.post("/auth/email-verification/confirm", &token).await;
    assert_eq!(again.outcome(), "400 token_invalid");
    let answer = world.login(EMAIL, PASSWORD).await;
    assert_eq!(world.me(&answer.member("access_token")).await.json()["is_verified"], true);
}

#[tokio::test]
async fn the_owner_of_a_taken_address_is_told_and_gets_a_way_in() {
    let world = World::verifying();
    world.register(EMAIL).await;
    world.attend().await;
    let squatter = json!({ "email": EMAIL, "password": "squatters password" });
    assert_eq!(world.post("/auth/register", &squatter).await.status, 202);
    assert_eq!(world.newest_subject().await, "already_registered");
    let token = world.mailed_token().await;
    let body = json!({ "token": token, "new_password": "newpassword456" });
    assert_eq!(world.post("/auth/password-reset/confirm", &body).await.outcome(), "204");
    assert_eq!(world.login(EMAIL, "newpassword456").await.status, 200);
    assert_eq!(world.login(EMAIL, PASSWORD).await.outcome(), "401 invalid_credentials");
}

#[tokio::test]
async fn a_login_answers_tokens_and_is_remembered_on_request() {
    let world = World::open();
    world.register(EMAIL).await;
    let normal = world.login("USER@example.com", PASSWORD).await;
    assert_eq!(normal.status, 200);
    let body = json!({ "email": EMAIL, "password": PASSWORD, "remember": true });
    let remembered = world.post("/auth/login", &body).await;
    world.clock.advance(8 * DAY);
    let refused = world.refresh(&normal.member("refresh_token")).await;
    assert_eq!(refused.outcome(), "401 invalid_refresh_token");
    assert_eq!(world.refresh(&remembered.member("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn a_password_hash_is_renewed_when_the_parameters_have_changed() {
    let world = World::open();
    world.register(EMAIL).await;
    world.hasher.change_parameters();
    assert_eq!(world.login(EMAIL, "wrong password").await.status, 401);
    assert_eq!(world.hasher.hashes(), 1);
    assert_eq!(world.login(EMAIL, PASSWORD).await.status, 200);
    assert_eq!(world.hasher.hashes(), 2);
    assert_eq!(world.login(EMAIL, PASSWORD).await.status, 200);
    assert_eq!(world.hasher.hashes(), 2);
}

#[tokio::test]
async fn a_refresh_token_is_rotated_and_a_repeat_gets_the_same_successor() {
    let world = World::open();
    let first = world.register(EMAIL).await.member("refresh_token");
    let second = world.refresh(&first).await.member("refresh_token");
    assert_ne!(first, second);
    world.clock.advance(Duration::from_millis(9_999));
    assert_eq!(world.refresh(&first).await.member("refresh_token"), second);
    assert_eq!(world.refresh(&second).await.status, 200);
}

#[tokio::test]
async fn a_late_repeat_ends_its_session_and_no_other() {
    let world = World::open();
    let first = world.register(EMAIL).await.member("refresh_token");
    let elsewhere = world.login(EMAIL, PASSWORD).await;
    let second = world.refresh(&first).await;
    world.clock.advance(Duration::from_secs(11));
    assert_eq!(world.refresh(&first).await.outcome(), "401 refresh_token_reused");
    let successor = world.refresh(&second.member("refresh_token")).await;
    assert_eq!(successor.outcome(), "401 invalid_refresh_token");
    assert_eq!(world.me(&second.member("access_token")).await.outcome(), "401 invalid_token");
    assert_eq!(world.refresh(&elsewhere.member("refresh_token")).await.status, 200);
    assert!(events(&world).contains(&EventKind::RefreshTokenReused));
}

#[tokio::test]
async fn a_logout_ends_the_session_and_says_nothing_about_it() {
    let world = World::open();
    let tokens = world.register(EMAIL).await;
    let body = json!({ "refresh_token": tokens.member("refresh_token") });
    for body in [body.clone(), body, json!({ "refresh_token": "unheard of" })] {
        assert_eq!(world.post("/auth/logout", &body).await.outcome(), "204");
    }
    let refused = world.refresh(&tokens.member("refresh_token")).await;
    assert_eq!(refused.outcome(), "401 invalid_refresh_token");
    assert_eq!(world.me(&tokens.member("access_token")).await.outcome(), "401 invalid_token");
}

#[tokio::test]
async fn a_reset_replaces_the_password_and_ends_every_session() {
    let world = World::open();
    let tokens = world.register(EMAIL).await;
    world.login(EMAIL, PASSWORD).await;
    let asked = world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    assert_eq!(asked.outcome(), "204");
    let token = world.mailed_token().await;
    let body = |password: &str| json!({ "token": token, "new_password": password });
    let path = "/auth/password-reset/confirm";
    let weak = world.post(path, &body("short")).await;
    assert_eq!(weak.outcome(), "422 validation_failed");
    assert_eq!(weak.json()["errors"][0]["field"], "new_password");
    assert_eq!(world.post(path, &body("newpassword456")).await.outcome(), "204");
    assert_eq!(world.post(path, &body("newpassword456")).await.outcome(), "400 token_invalid");
    assert_eq!(world.login(EMAIL, PASSWORD).await.outcome(), "401 invalid_credentials");
    assert_eq!(world.login(EMAIL, "newpassword456").await.status, 200);
    let refused = world.refresh(&tokens.member("refresh_token")).await;
    assert_eq!(refused.outcome(), "401 invalid_refresh_token");
    assert_eq!(world.me(&tokens.member("access_token")).await.outcome(), "401 invalid_token");
    assert_eq!(world.newest_subject().await, "password_changed");
}

#[tokio::test]
async fn only_the_newest_link_works_and_not_for_ever() {
    let world = World::open();
    world.register(EMAIL).await;
    let request = json!({ "email": EMAIL });
    world.post("/auth/password-reset/request", &request).await;
    let older = world.mailed_token().await;
    world.post("/auth/password-reset/request", &request).await;
    let newer = world.mailed_token().await;
    let confirm = async |token: &str| {
        let body = json!({ "token": token, "new_password": "newpassword456" });
        world.post("/auth/password-reset/confirm", &body).await.outcome()
    };
    assert_eq!(confirm(&older).await, "400 token_invalid");
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(confirm(&newer).await, "400 token_expired");
}

#[tokio::test]
async fn a_verification_mail_can_be_asked_for_again() {
    let world = World::open();
    world.register(EMAIL).await;
    for path in ["/auth/email-verification/request", "/auth/email-verification/resend"] {
        let before = world.mails().await;
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(world.post(path, &json!({ "email": EMAIL })).await.outcome(), "204");
        assert_eq!(world.mails().await, before + 1);
    }
    let token = world.mailed_token().await;
    world.clock.advance(DAY);
    let late = world.post("/auth/email-verification/confirm", &json!({ "token": token })).await;
    assert_eq!(late.outcome(), "400 token_expired");
    world.post("/auth/email-verification/resend", &json!({ "email": EMAIL })).await;
    let body = json!({ "token": world.mailed_token().await });
    assert_eq!(world.post("/auth/email-verification/confirm", &body).await.outcome(), "204");
    world.post("/auth/email-verification/resend", &json!({ "email": EMAIL })).await;
    assert_eq!(world.mails().await, 4, "a verified address is not mailed again");
}

#[tokio::test]
async fn an_access_token_ends_after_half_an_hour() {
    let world = World::open();
    let token = world.register(EMAIL).await.member("access_token");
    world.clock.advance(Duration::from_mins(30));
    assert_eq!(world.me(&token).await.outcome(), "401 invalid_token");
}

#[tokio::test]
async fn no_token_of_one_kind_passes_for_another() {
    let world = World::open();
    let tokens = world.register(EMAIL).await;
    let verification = world.mailed_token().await;
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    let reset = world.mailed_token().await;
    let access = tokens.member("access_token");
    let refresh = tokens.member("refresh_token");
    for token in [&verification, &reset, &refresh] {
        assert_eq!(world.me(token).await.outcome(), "401 invalid_token");
    }
    for token in [&verification, &reset, &access] {
        assert_eq!(world.refresh(token).await.outcome(), "401 invalid_refresh_token");
    }
    for token in [&reset, &access, &refresh] {
        let body = json!({ "token": token });
        let refused = world.post("/auth/email-verification/confirm", &body).await;
        assert_eq!(refused.outcome(), "400 token_invalid");
    }
    for token in [&verification, &access, &refresh] {
        let body = json!({ "token": token, "new_password": "newpassword456" });
        let refused = world.post("/auth/password-reset/confirm", &body).await;
        assert_eq!(refused.outcome(), "400 token_invalid");
    }
}

#[tokio::test]
async fn parallel_registrations_of_one_address_have_one_winner() {
    let world = World::open();
    let spellings = ["user@example.com", "USER@example.com", "User@Example.Com"];
    let attempts = (0..30).map(|n| world.register(spellings[n % spellings.len()]));
    let mut outcomes = Vec::new();
    for answer in futures(attempts).await {
        outcomes.push(answer.outcome());
    }
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "201").count(), 1, "{outcomes:?}");
    let losers = outcomes.iter().filter(|outcome| *outcome == "409 user_already_exists").count();
    assert_eq!(losers, 29, "{outcomes:?}");
}

/// Runs everything at once.
async fn futures<F: Future<Output = A>, A>(all: impl Iterator<Item = F>) -> Vec<A> {
    let mut running: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        running.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                done.push(answer);
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

#[tokio::test]
async fn health_tells_that_it_lives_and_is_ready() {
    let world = World::open();
    assert_eq!(world.get("/health/live").await.json(), json!({ "status": "live" }));
    let ready = async || world.get("/health/ready").await.json();
    let mail = json!({ "waiting": 0, "oldest_seconds": 0 });
    assert_eq!(ready().await, json!({ "status": "ready", "mail": mail }));
    world.register(EMAIL).await;
    world.clock.advance(Duration::from_mins(2));
    assert_eq!(ready().await["mail"], json!({ "waiting": 1, "oldest_seconds": 120 }));
    world.mails().await;
    assert_eq!(ready().await["mail"], mail);
}

#[tokio::test]
async fn a_request_keeps_a_harmless_name_and_is_given_one_otherwise() {
    let world = World::open();
    let named = async |name: &str| {
        let request = axum::http::Request::get("/nowhere").header("x-request-id", name);
        let answer = world.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.json()["request_id"], Value::from(answer.header("x-request-id")));
        answer.header("x-request-id").to_owned()
    };
    assert_eq!(named("abc-123.X_y").await, "abc-123.X_y");
    for bad in ["", "with blank", "quote\"", &"x".repeat(129)] {
        let given = named(bad).await;
        assert!(given.len() == 36 && given != bad);
    }
}
