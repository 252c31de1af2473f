use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, EMAIL, PASSWORD, World};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const NEWER_FIREFOX: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";

async fn sessions(world: &World, access: &str) -> Vec<Value> {
    let answer = world.get_as(access, "/sessions").await;
    assert_eq!(answer.status, 200);
    answer.json()["sessions"].as_array().unwrap().clone()
}

fn id_of(sessions: &[Value], current: bool) -> String {
    let found = sessions.iter().find(|session| session["current"] == current).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

async fn delete(world: &World, access: &str, path: &str) -> Answer {
    world.send_as(access, Method::DELETE, path, &Value::Null).await
}

#[tokio::test]
async fn every_login_is_a_session_the_newest_first_and_ones_own_is_marked() {
    let world = World::open();
    let first = world.register(EMAIL).await.member("access_token");
    world.clock.advance(std::time::Duration::from_mins(1));
    let second = world.login_with(EMAIL, FIREFOX).await;
    world.register("bob@example.com").await;
    let seen = sessions(&world, &first).await;
    let devices: Vec<_> = seen.iter().map(|it| (&it["device"], &it["current"])).collect();
    let firefox = json!("Firefox on Linux");
    assert_eq!(devices, [(&firefox, &json!(false)), (&Value::Null, &json!(true))]);
    assert_eq!(seen[0]["user_agent"], FIREFOX);
    assert_eq!(seen[0]["last_active"], seen[0]["created_at"]);
    world.clock.advance(std::time::Duration::from_mins(5));
    world.refresh(&second.member("refresh_token")).await;
    let seen = sessions(&world, &first).await;
    assert!(seen[0]["last_active"].as_str() > seen[0]["created_at"].as_str());
}

#[tokio::test]
async fn a_session_that_is_ended_stops_at_once_and_the_others_go_on() {
    let world = World::open();
    let own = world.register(EMAIL).await.member("access_token");
    let other = world.login(EMAIL, PASSWORD).await;
    let id = id_of(&sessions(&world, &own).await, false);
    assert_eq!(delete(&world, &own, &format!("/sessions/{id}")).await.status, 200);
    assert_eq!(world.me(&other.member("access_token")).await.outcome(), "401 invalid_token");
    let refused = world.refresh(&other.member("refresh_token")).await;
    assert_eq!(refused.outcome(), "401 invalid_refresh_token");
    assert_eq!(sessions(&world, &own).await.len(), 1);
    let again = delete(&world, &own, &format!("/sessions/{id}")).await;
    assert_eq!(again.outcome(), "404 session_not_found");
}

#[tokio::test]
async fn somebody_elses_session_is_answered_like_an_unknown_one_and_goes_on() {
    let world = World::open();
    let ada = world.register(EMAIL).await.member("access_token");
    let bob = world.register("bob@example.com").await.member("access_token");
    let bobs = id_of(&sessions(&world, &bob).await, true);
    let unknown = "01a2076e-f59e-7023-b05c-184f3a938aca";
    let mut answers = Vec::new();
    for id in [bobs.as_str(), unknown] {
        let answer = delete(&world, &ada, &format!("/sessions/{id}")).await;
        let mut body = answer.json();
        body["request_id"] = Value::Null;
        answers.push((answer.outcome(), body));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, "404 session_not_found");
    assert_eq!(world.me(&bob).await.status, 200);
    for malformed in ["x", "01a2076e", "1%2F2"] {
        let refused = delete(&world, &ada, &format!("/sessions/{malformed}")).await;
        assert_eq!(refused.outcome(), "422 validation_failed", "{malformed}");
    }
}

#[tokio::test]
async fn all_other_sessions_end_together_and_ones_own_only_when_asked_for() {
    for (method, path) in
        [(Method::DELETE, "/sessions/all"), (Method::POST, "/sessions/revoke-all")]
    {
        let world = World::open();
        let own = world.register(EMAIL).await.member("access_token");
        let other = world.login(EMAIL, PASSWORD).await.member("access_token");
        let bob = world.register("bob@example.com").await.member("access_token");
        let ended = world.send_as(&own, method.clone(), path, &Value::Null).await;
        assert_eq!(ended.status, 200);
        assert_eq!(world.me(&other).await.outcome(), "401 invalid_token");
        assert_eq!(world.me(&own).await.status, 200);
        let path = format!("{path}?keep_current=false");
        assert_eq!(world.send_as(&own, method, &path, &Value::Null).await.status, 200);
        assert_eq!(world.me(&own).await.outcome(), "401 invalid_token");
        assert_eq!(world.me(&bob).await.status, 200);
    }
}

#[tokio::test]
async fn a_sign_in_on_a_new_device_is_told_to_a_proven_address_and_once() {
    let world = World::open();
    world.register(EMAIL).await;
    let token = world.mailed_token().await;
    // A stranger could have registered the address, and must not be able to bother its owner.
    world.login_with(EMAIL, FIREFOX).await;
    assert_eq!(world.mails().await, 1);
    world.post("/auth/email-verification/confirm", &json!({ "token": token })).await;
    world.login_with(EMAIL, NEWER_FIREFOX).await;
    assert_eq!(world.mails().await, 1, "another version is the same device");
    for (user_agent, mails) in [("curl/8.14.1", 2), ("curl/8.15.0", 2), ("acme/1.0", 3)] {
        world.login_with(EMAIL, user_agent).await;
        assert_eq!(world.mails().await, mails, "{user_agent}");
    }
    assert_eq!(world.newest_subject().await, "new_sign_in");
}

#[tokio::test]
async fn the_session_that_was_used_longest_ago_makes_room_for_one_too_many() {
    let world = World::open();
    let first = world.register(EMAIL).await.member("access_token");
    let mut last = String::new();
    for _ in 0..50 {
        assert_eq!(world.me(&first).await.status, 200);
        world.clock.advance(std::time::Duration::from_secs(1));
        last = world.login(EMAIL, PASSWORD).await.member("access_token");
    }
    assert_eq!(world.me(&first).await.outcome(), "401 invalid_token");
    assert_eq!(sessions(&world, &last).await.len(), 50);
}
