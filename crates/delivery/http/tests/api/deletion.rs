use axum::http::Method;
use fastauth_domain::visitor::Origin;
use serde_json::{Value, json};

use crate::{
    roles::Person,
    world::{Answer, EMAIL, PASSWORD, World},
};

async fn delete(world: &World, access: &str, body: &Value) -> Answer {
    world.send_as(access, Method::DELETE, "/account/delete", body).await
}

#[tokio::test]
async fn a_closed_account_opens_nothing_and_its_address_stays_reserved() {
    let world = World::open();
    let tokens = world.register(EMAIL).await;
    let verification = world.mailed_token().await;
    let access = tokens.member("access_token");
    assert_eq!(delete(&world, &access, &json!({ "password": PASSWORD })).await.status, 200);
    assert_eq!(world.newest_subject().await, "account_closed");
    assert_eq!(world.me(&access).await.outcome(), "401 invalid_token");
    let refused = world.refresh(&tokens.member("refresh_token")).await;
    assert_eq!(refused.outcome(), "401 invalid_refresh_token");
    assert_eq!(world.login(EMAIL, PASSWORD).await.outcome(), "401 invalid_credentials");
    assert_eq!(world.register(EMAIL).await.outcome(), "409 user_already_exists");
    let body = json!({ "token": verification });
    let refused = world.post("/auth/email-verification/confirm", &body).await;
    assert_eq!(refused.outcome(), "400 token_invalid");
    let mails = world.mails().await;
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    assert_eq!(world.mails().await, mails);
}

#[tokio::test]
async fn of_a_person_who_is_erased_nothing_is_left_but_that_it_was_done() {
    let world = World::open();
    let tokens = world.register(EMAIL).await;
    let id = world.me(&tokens.member("access_token")).await.member("id");
    world.login(EMAIL, PASSWORD).await;
    world.mails().await;
    let bob = world.register("bob@example.com").await.member("access_token");
    let body = json!({ "password": PASSWORD, "hard_delete": true });
    assert_eq!(delete(&world, &tokens.member("access_token"), &body).await.status, 200);
    let left = format!("{:?}", world.store);
    assert!(!left.contains(EMAIL), "{left}");
    assert_eq!(left.matches(&id).count(), 1, "{left}");
    let events = world.store.audit_events();
    let about = events.iter().filter(|it| it.account.is_some_and(|it| it.to_string() == id));
    let about: Vec<_> = about.map(|it| (it.kind.name(), it.origin.clone())).collect();
    assert_eq!(about, [("account_erased", Origin::default())]);
    let refused = world.refresh(&tokens.member("refresh_token")).await;
    assert_eq!(refused.outcome(), "401 invalid_refresh_token");
    assert_eq!(world.me(&bob).await.status, 200);
    assert_eq!(world.register(EMAIL).await.status, 201, "the address is free");
}

#[tokio::test]
async fn what_a_person_did_to_others_goes_on_naming_their_id() {
    let world = World::open();
    let (admin, other) = (
        Person::administrator(&world, "admin").await,
        Person::administrator(&world, "other").await,
    );
    let (ada, role) = (Person::new(&world, "ada").await, json!({ "name": "editor" }));
    assert_eq!(admin.post(&world, "/roles", &role).await.status, 201);
    let given = json!({ "user_id": ada.id, "role_name": "editor" });
    assert_eq!(admin.post(&world, "/roles/assign", &given).await.status, 200);
    let body = json!({ "password": PASSWORD, "hard_delete": true });
    assert_eq!(delete(&world, &admin.token, &body).await.status, 200);
    let events = world.store.audit_events();
    let about_ada = events.iter().filter(|it| it.account == Some(ada.account()));
    assert_eq!(about_ada.filter(|it| it.actor == Some(admin.account())).count(), 1);
    assert_eq!(other.get(&world, "/roles").await.status, 200);
}

#[tokio::test]
async fn without_the_password_nothing_is_deleted() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    let refused = delete(&world, &access, &json!({ "password": "wrong password" })).await;
    assert_eq!(refused.outcome(), "400 invalid_password");
    for bad in [json!({}), json!({ "password": PASSWORD, "hard_delete": "yes" })] {
        assert_eq!(delete(&world, &access, &bad).await.outcome(), "422 validation_failed");
    }
    assert_eq!(world.me(&access).await.status, 200);
}
