use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, EMAIL, PASSWORD, World};

async fn change(world: &World, access: &str, current: &str, new: &str) -> Answer {
    let body = json!({ "current_password": current, "new_password": new });
    world.post_as(access, "/account/change-password", &body).await
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_keeps_the_callers() {
    let world = World::open();
    let (other, own) = (world.register(EMAIL).await, world.login(EMAIL, PASSWORD).await);
    let access = own.member("access_token");
    assert_eq!(change(&world, &access, PASSWORD, "newpassword456").await.status, 200);
    assert_eq!(world.me(&access).await.status, 200);
    assert_eq!(world.refresh(&own.member("refresh_token")).await.status, 200);
    assert_eq!(world.me(&other.member("access_token")).await.outcome(), "401 invalid_token");
    let refused = world.refresh(&other.member("refresh_token")).await;
    assert_eq!(refused.outcome(), "401 invalid_refresh_token");
    assert_eq!(world.login(EMAIL, PASSWORD).await.outcome(), "401 invalid_credentials");
    assert_eq!(world.login(EMAIL, "newpassword456").await.status, 200);
    assert_eq!(world.newest_subject().await, "password_changed");
}

#[tokio::test]
async fn links_that_were_mailed_before_end_with_the_old_password() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    let token = world.mailed_token().await;
    change(&world, &access, PASSWORD, "newpassword456").await;
    let body = json!({ "token": token, "new_password": "thirdpassword789" });
    let refused = world.post("/auth/password-reset/confirm", &body).await;
    assert_eq!(refused.outcome(), "400 token_invalid");
}

#[tokio::test]
async fn without_the_present_password_nothing_changes() {
    let world = World::open();
    let tokens = world.register(EMAIL).await;
    let other = world.login(EMAIL, PASSWORD).await.member("access_token");
    let access = tokens.member("access_token");
    for wrong in ["wrong password", "", &PASSWORD.to_uppercase()] {
        let refused = change(&world, &access, wrong, "newpassword456").await;
        assert_eq!(refused.outcome(), "400 invalid_password");
    }
    let refused = change(&world, &access, PASSWORD, "short").await;
    assert_eq!(refused.outcome(), "422 validation_failed");
    assert_eq!(refused.json()["errors"][0]["field"], "new_password");
    let path = "/account/change-password";
    let refused = world.post_as(&access, path, &json!({ "new_password": Value::Null })).await;
    assert_eq!(refused.outcome(), "422 validation_failed");
    assert_eq!(world.me(&other).await.status, 200);
    assert_eq!(world.login(EMAIL, PASSWORD).await.status, 200);
    let kinds: Vec<_> = world.store.audit_events().iter().map(|it| it.kind.name()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "password_refused").count(), 3);
}

#[tokio::test]
async fn what_the_account_is_called_is_no_password_wherever_one_is_chosen() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    let token = world.mailed_token().await;
    let name = json!({ "name": "Ada Lovelace" });
    world.send_as(&access, Method::PATCH, "/account/profile", &name).await;
    for own in ["adalovelace", "Ada Lovelace 1815!", "acme & sons"] {
        let reset = json!({ "token": token, "new_password": own });
        for refused in [
            change(&world, &access, PASSWORD, own).await,
            world.post("/auth/password-reset/confirm", &reset).await,
        ] {
            assert_eq!(refused.outcome(), "422 validation_failed", "{own}");
            assert_eq!(refused.json()["errors"][0]["code"], "personal", "{own}");
        }
    }
    assert_eq!(change(&world, &access, PASSWORD, "ada lovelace was here").await.status, 200);
}
