//! Passwords that are known from breaches, wherever somebody chooses one.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::http::{Method, header};
use fastauth_application::breaches::Breaches;
use fastauth_domain::breaches::{Finding, OutagePolicy};
use fastauth_ports::{breaches::MockSearchBreaches, unavailable::Unavailable};
use serde_json::{Value, json};

use crate::world::{Answer, EMAIL, PASSWORD, World, request};

const BREACHED: &str = "found in a breach";

/// How often a service was asked that knows one password, and is out when it is asked for another.
#[derive(Clone, Default)]
struct Asked(Arc<AtomicU32>);

impl Asked {
    fn breaches(&self) -> Breaches {
        let (asked, mut breaches) = (self.clone(), MockSearchBreaches::new());
        breaches.expect_search().returning(move |password| {
            asked.0.fetch_add(1, Ordering::SeqCst);
            match password.expose() {
                known if known == BREACHED.as_bytes() => Ok(Finding::Breached),
                b"the service is out" => Err(Unavailable::new("hidden cause")),
                _ => Ok(Finding::Clean),
            }
        });
        Breaches::searched(Arc::new(breaches), OutagePolicy::Refuse)
    }

    /// How often since the last time.
    fn count(&self) -> u32 {
        self.0.swap(0, Ordering::SeqCst)
    }
}

/// Chooses a password in every way that there is, each with the member it is in.
async fn choose(world: &World, access: &str, password: &str) -> Vec<(&'static str, Answer)> {
    let new = json!({ "email": "new@example.com", "password": password });
    let change = json!({ "current_password": PASSWORD, "new_password": password });
    let reset = json!({ "token": reset_token(world).await, "new_password": password });
    vec![
        ("password", world.post("/auth/register", &new).await),
        ("new_password", world.post_as(access, "/account/change-password", &change).await),
        ("new_password", world.post("/auth/password-reset/confirm", &reset).await),
    ]
}

async fn reset_token(world: &World) -> String {
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    world.mailed_token().await
}

#[tokio::test]
async fn a_password_of_a_breach_is_refused_wherever_it_is_chosen_and_nothing_changes() {
    let asked = Asked::default();
    let world = World::searching(asked.breaches());
    let access = world.register(EMAIL).await.member("access_token");
    asked.count();
    for (field, answer) in choose(&world, &access, BREACHED).await {
        assert_eq!(answer.outcome(), "422 validation_failed");
        let message = "is known from a data breach, so that attackers try it; choose another";
        let error = json!({ "field": field, "code": "breached", "message": message });
        assert_eq!(answer.json()["errors"], json!([error]));
    }
    assert_eq!(asked.count(), 3);
    assert_eq!(world.login(EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn during_an_outage_that_refuses_nothing_changes_and_it_is_worth_trying_again() {
    let asked = Asked::default();
    let world = World::searching(asked.breaches());
    let access = world.register(EMAIL).await.member("access_token");
    for (_, answer) in choose(&world, &access, "the service is out").await {
        assert_eq!(answer.outcome(), "503 unavailable");
        assert_eq!(answer.header(header::RETRY_AFTER), "1");
        assert!(!answer.body.contains("hidden"), "{answer:?}");
    }
    assert_eq!(world.login(EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn whoever_may_not_choose_a_password_has_nobody_asked() {
    let asked = Asked::default();
    let world = World::searching(asked.breaches());
    let access = world.register(EMAIL).await.member("access_token");
    let token = reset_token(&world).await;
    asked.count();
    let wrong = json!({ "current_password": "wrong password", "new_password": BREACHED });
    world.post_as(&access, "/account/change-password", &wrong).await;
    world.post("/account/change-password", &wrong).await;
    let forged = json!({ "token": "x", "new_password": BREACHED });
    world.post("/auth/password-reset/confirm", &forged).await;
    let short = json!({ "token": token, "new_password": "short" });
    world.post("/auth/password-reset/confirm", &short).await;
    world.login(EMAIL, BREACHED).await;
    assert_eq!(asked.count(), 0);
    let good = json!({ "token": token, "new_password": "newpassword456" });
    assert_eq!(world.post("/auth/password-reset/confirm", &good).await.status, 204);
    assert_eq!(asked.count(), 1);
    // The link was used.
    assert_eq!(world.post("/auth/password-reset/confirm", &good).await.status, 400);
    assert_eq!(asked.count(), 0);
}

#[tokio::test]
async fn a_taken_address_and_a_free_one_are_answered_alike() {
    let world = World::searching(Asked::default().breaches());
    world.register(EMAIL).await;
    for password in [BREACHED, "the service is out"] {
        let answer = async |email| {
            let body = json!({ "email": email, "password": password });
            let mut answer = world.post("/auth/register", &body).await.json();
            answer["request_id"] = Value::Null;
            answer
        };
        assert_eq!(answer(EMAIL).await, answer("free@example.com").await);
    }
}

#[tokio::test]
async fn the_page_says_it_too_and_keeps_the_link() {
    let world = World::searching(Asked::default().breaches());
    world.register(EMAIL).await;
    let token = reset_token(&world).await;
    let submit = async |password: &str| {
        let form = format!("token={token}&new_password={}", password.replace(' ', "+"));
        let media_type = "application/x-www-form-urlencoded";
        world.send(request(Method::POST, "/reset-password", media_type, form)).await
    };
    let refused = submit(BREACHED).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("The password is known from a data breach"), "{refused:?}");
    assert_eq!(submit("the service is out").await.status, 503);
    assert_eq!(submit("newpassword456").await.status, 200);
}
