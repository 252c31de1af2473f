//! What a sign-in takes, and what it gives and tells.

use std::collections::HashSet;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use fastauth_domain::audit::EventKind;
use serde_json::{Value, json};

use crate::world::{EMAIL, PASSWORD, World, from, request};

#[tokio::test]
async fn a_password_is_no_pattern_and_no_command_however_long_it_is() {
    let world = World::open();
    world.register(EMAIL).await;
    let long = "x".repeat(60_000);
    let longer = format!("{PASSWORD}{long}");
    for wrong in [
        "%",
        "_",
        "securepassword12_",
        "' OR '1'='1",
        "'; DROP TABLE account; --",
        "{\"$ne\": null}",
        "${jndi:ldap://x}",
        "\0",
        "securepassword123\0",
        "",
        &long,
        &longer,
    ] {
        assert_eq!(world.login(EMAIL, wrong).await.outcome(), "401 invalid_credentials", "{wrong}");
    }
    for email in ["%@example.com", "us_r@example.com", "user'--@example.com"] {
        let refused = world.login(email, PASSWORD).await;
        assert_eq!(refused.outcome(), "401 invalid_credentials", "{email}");
    }
    assert_eq!(world.login(EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_password_that_is_no_text_is_422() {
    let world = World::open();
    world.register(EMAIL).await;
    for wrong in [Value::Null, json!([PASSWORD]), json!(true), json!({ "$gt": "" }), json!(0)] {
        let refused =
            world.post("/auth/login", &json!({ "email": EMAIL, "password": wrong })).await;
        assert_eq!(refused.outcome(), "422 validation_failed", "{wrong}");
    }
}

#[tokio::test]
async fn a_password_is_taken_from_the_body_alone() {
    let world = World::open();
    world.register(EMAIL).await;
    let compared = world.hasher.comparisons();
    let path = format!("/auth/login?email={EMAIL}&password={PASSWORD}");
    // "user@example.com:securepassword123"
    let basic = "Basic dXNlckBleGFtcGxlLmNvbTpzZWN1cmVwYXNzd29yZDEyMw==";
    let send = async |body: &Value| {
        let mut request = request(Method::POST, &path, "application/json", body.to_string());
        request.headers_mut().insert(header::AUTHORIZATION, basic.parse().unwrap());
        world.send(request).await
    };
    assert_eq!(send(&json!({})).await.outcome(), "422 validation_failed");
    let named = send(&json!({ "email": EMAIL })).await;
    assert_eq!(named.outcome(), "422 validation_failed");
    assert_eq!(world.hasher.comparisons(), compared, "nothing was tried");
    let wrong = send(&json!({ "email": EMAIL, "password": "wrong password" })).await;
    assert_eq!(wrong.outcome(), "401 invalid_credentials");
    let me = Request::get("/auth/me").header(header::AUTHORIZATION, basic);
    assert_eq!(world.send(me.body(Body::empty()).unwrap()).await.status, 401);
    let logged = crate::log::logged();
    assert!(logged.contains("/auth/login"), "{logged}");
    assert!(!logged.contains(PASSWORD) && !logged.contains("dXNlckBl"), "{logged}");
}

#[tokio::test]
async fn tokens_are_kept_by_nobody_in_between_and_come_with_nothing_else() {
    let world = World::open();
    let registered = world.register(EMAIL).await;
    let signed_in = world.login(EMAIL, PASSWORD).await;
    let refreshed = world.refresh(&signed_in.member("refresh_token")).await;
    for answer in [registered, signed_in, refreshed] {
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        assert!(answer.headers.get(header::SET_COOKIE).is_none());
        let members: HashSet<_> = answer.json().as_object().unwrap().keys().cloned().collect();
        let known = ["access_token", "refresh_token", "token_type", "expires_in"];
        assert_eq!(members, known.map(str::to_owned).into());
        assert!(!answer.body.contains("$plain") && !answer.body.contains(PASSWORD));
    }
}

#[tokio::test]
async fn every_sign_in_opens_a_session_of_its_own_whatever_is_sent_with_it() {
    let world = World::open();
    let mut access = world.register(EMAIL).await.member("access_token");
    let current = async |access: &str| {
        let sessions = world.get_as(access, "/sessions").await.json()["sessions"].clone();
        let sessions = sessions.as_array().unwrap().clone();
        let current = sessions.iter().find(|it| it["current"] == true).unwrap();
        current["id"].as_str().unwrap().to_owned()
    };
    let mut seen = HashSet::from([current(&access).await]);
    for _ in 0..5 {
        let session = current(&access).await;
        let body = json!({ "email": EMAIL, "password": PASSWORD, "session_id": session });
        access = world.post_as(&access, "/auth/login", &body).await.member("access_token");
        assert!(seen.insert(current(&access).await), "a session that was there before");
    }
}

#[tokio::test]
async fn the_trail_tells_who_signed_in_from_where_and_nothing_that_was_typed() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    let id = world.me(&access).await.member("id");
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let unknown = "quagga@example.com";
    for (email, password) in
        [(EMAIL, PASSWORD), (EMAIL, "wrong password"), (unknown, "wrong password")]
    {
        let body = json!({ "email": email, "password": password });
        let mut request = from("203.0.113.7", "/auth/login", &body);
        request.headers_mut().insert(header::USER_AGENT, agent.parse().unwrap());
        world.send(request).await;
    }
    let events = world.store.audit_events().split_off(1);
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    let (good, bad) = (EventKind::SignedIn, EventKind::SignInRefused);
    assert_eq!(kinds, [good, bad, bad]);
    let about: Vec<_> =
        events.iter().map(|event| event.account.map(|account| account.to_string())).collect();
    assert_eq!(about, [Some(id.clone()), Some(id), None]);
    let in_session: Vec<_> = events.iter().map(|event| event.session.is_some()).collect();
    assert_eq!(in_session, [true, false, false]);
    for event in &events {
        assert_eq!(event.origin.address, "203.0.113.7".parse().ok());
        assert_eq!(event.origin.user_agent.as_ref().unwrap().as_str(), agent);
        assert_eq!(event.origin.device.as_ref().unwrap().as_str(), "Firefox on Linux");
        assert_eq!((&event.actor, &event.detail), (&None, &None));
        let all = format!("{event:?}");
        for typed in [PASSWORD, "wrong password", EMAIL, unknown] {
            assert!(!all.contains(typed), "{all}");
        }
    }
}
