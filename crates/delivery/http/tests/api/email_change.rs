use axum::http::{Method, header};
use serde_json::json;

use crate::{
    bad_input::bad_addresses,
    world::{Answer, EMAIL, PASSWORD, World, request},
};

const NEW: &str = "new@example.com";

async fn ask(world: &World, access: &str, new: &str) -> Answer {
    let body = json!({ "new_email": new, "password": PASSWORD });
    world.post_as(access, "/account/request-email-change", &body).await
}

async fn follow(world: &World, path: &str, token: &str) -> Answer {
    world.post(path, &json!({ "token": token })).await
}

const CONFIRM: &str = "/account/confirm-email-change";
const REVERT: &str = "/account/revert-email-change";

#[tokio::test]
async fn the_old_address_works_until_the_new_one_is_proven() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    world.mails().await;
    assert_eq!(ask(&world, &access, NEW).await.status, 200);
    let (to_new, to_old) = (world.mail_to(NEW).await, world.mail_to(EMAIL).await);
    assert_eq!(
        (to_new.subject.as_str(), to_old.subject.as_str()),
        ("email_change", "email_change_notice")
    );
    assert_eq!(world.login(EMAIL, PASSWORD).await.status, 200);
    assert_eq!(world.login(NEW, PASSWORD).await.outcome(), "401 invalid_credentials");
    assert_eq!(follow(&world, CONFIRM, &to_new.token()).await.status, 200);
    assert_eq!(world.login(EMAIL, PASSWORD).await.outcome(), "401 invalid_credentials");
    assert_eq!(world.login(NEW, PASSWORD).await.status, 200);
    let me = world.me(&access).await.json();
    assert_eq!((&me["email"], &me["is_verified"]), (&json!(NEW), &json!(true)));
    assert_eq!(follow(&world, CONFIRM, &to_new.token()).await.outcome(), "400 token_invalid");
    assert_eq!(world.register(EMAIL).await.status, 201, "the old address is free");
}

#[tokio::test]
async fn the_way_back_takes_a_change_back_before_and_after_it_was_confirmed() {
    for is_confirmed in [false, true] {
        let world = World::open();
        let tokens = world.register(EMAIL).await;
        let access = tokens.member("access_token");
        ask(&world, &access, NEW).await;
        let (to_new, to_old) = (world.mail_to(NEW).await, world.mail_to(EMAIL).await);
        if is_confirmed {
            assert_eq!(follow(&world, CONFIRM, &to_new.token()).await.status, 200);
        }
        assert_eq!(follow(&world, REVERT, &to_old.token()).await.status, 200);
        assert_eq!(world.me(&access).await.outcome(), "401 invalid_token");
        for email in [EMAIL, NEW] {
            assert_eq!(world.login(email, PASSWORD).await.outcome(), "401 invalid_credentials");
        }
        assert_eq!(follow(&world, CONFIRM, &to_new.token()).await.outcome(), "400 token_invalid");
        assert_eq!(follow(&world, REVERT, &to_old.token()).await.outcome(), "400 token_invalid");
        let reset = world.mail_to(EMAIL).await;
        assert_eq!(reset.subject, "reset_password");
        let body = json!({ "token": reset.token(), "new_password": "newpassword456" });
        assert_eq!(world.post("/auth/password-reset/confirm", &body).await.status, 204);
        assert_eq!(world.login(EMAIL, "newpassword456").await.status, 200);
    }
}

#[tokio::test]
async fn however_often_an_address_is_changed_the_way_back_leads_to_the_first() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    ask(&world, &access, NEW).await;
    let way_back = world.mail_to(EMAIL).await.token();
    follow(&world, CONFIRM, &world.mail_to(NEW).await.token()).await;
    ask(&world, &access, "third@example.com").await;
    assert_eq!(world.mail_to(NEW).await.subject, "email_change_repeated");
    follow(&world, CONFIRM, &world.mail_to("third@example.com").await.token()).await;
    assert_eq!(world.me(&access).await.member("email"), "third@example.com");
    assert_eq!(follow(&world, REVERT, &way_back).await.status, 200);
    assert_eq!(world.mail_to(EMAIL).await.subject, "reset_password");
}

#[tokio::test]
async fn a_newer_request_takes_the_place_of_an_older() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    ask(&world, &access, NEW).await;
    let first = world.mail_to(NEW).await.token();
    ask(&world, &access, "third@example.com").await;
    assert_eq!(follow(&world, CONFIRM, &first).await.outcome(), "400 token_invalid");
    let third = world.mail_to("third@example.com").await.token();
    assert_eq!(follow(&world, CONFIRM, &third).await.status, 200);
}

#[tokio::test]
async fn a_link_to_another_address_expires_and_ends_with_the_password() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    ask(&world, &access, NEW).await;
    let late = world.mail_to(NEW).await.token();
    world.clock.advance(crate::world::DAY);
    assert_eq!(follow(&world, CONFIRM, &late).await.outcome(), "400 token_expired");
    let access = world.login(EMAIL, PASSWORD).await.member("access_token");
    ask(&world, &access, NEW).await;
    let ended = world.mail_to(NEW).await.token();
    let body = json!({ "current_password": PASSWORD, "new_password": "newpassword456" });
    assert_eq!(world.post_as(&access, "/account/change-password", &body).await.status, 200);
    assert_eq!(follow(&world, CONFIRM, &ended).await.outcome(), "400 token_invalid");
}

#[tokio::test]
async fn a_taken_address_is_told_only_where_registering_tells_it() {
    let world = World::open();
    world.register(NEW).await;
    let access = world.register(EMAIL).await.member("access_token");
    assert_eq!(ask(&world, &access, NEW).await.outcome(), "409 email_taken");

    let world = World::verifying();
    for email in [NEW, EMAIL] {
        world.register(email).await;
        let token = world.mailed_token().await;
        world.post("/auth/email-verification/confirm", &json!({ "token": token })).await;
    }
    let access = world.login(EMAIL, PASSWORD).await.member("access_token");
    world.mails().await;
    let (taken, free) =
        (ask(&world, &access, NEW).await, ask(&world, &access, "x@y.example").await);
    assert_eq!((taken.status, &taken.body), (free.status, &free.body));
    assert_eq!(world.mail_to(NEW).await.subject, "verify_email", "nothing was sent there");
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_refused_and_the_link_is_not_spent() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    ask(&world, &access, NEW).await;
    let token = world.mail_to(NEW).await.token();
    let rival = world.register(NEW).await.member("access_token");
    assert_eq!(follow(&world, CONFIRM, &token).await.outcome(), "409 email_taken");
    let body = json!({ "password": PASSWORD, "hard_delete": true });
    world.send_as(&rival, Method::DELETE, "/account/delete", &body).await;
    assert_eq!(follow(&world, CONFIRM, &token).await.status, 200);
}

#[tokio::test]
async fn bad_requests_change_nothing() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    world.mails().await;
    let path = "/account/request-email-change";
    for (body, outcome) in [
        (json!({ "new_email": NEW, "password": "wrong password" }), "400 invalid_password"),
        (json!({ "new_email": NEW }), "422 validation_failed"),
        (json!({ "new_email": "nobody", "password": PASSWORD }), "422 validation_failed"),
        (json!({ "new_email": [NEW], "password": PASSWORD }), "422 validation_failed"),
        (json!({ "new_email": { "$ne": NEW }, "password": PASSWORD }), "422 validation_failed"),
        (json!({ "new_email": 7, "password": PASSWORD }), "422 validation_failed"),
        (json!({ "new_email": "USER@example.com", "password": PASSWORD }), "422 validation_failed"),
    ] {
        assert_eq!(world.post_as(&access, path, &body).await.outcome(), outcome, "{body}");
    }
    for path in [CONFIRM, REVERT] {
        for token in ["", "fa_change_x", "fa_reset_x"] {
            assert_eq!(follow(&world, path, token).await.outcome(), "400 token_invalid");
        }
    }
    assert_eq!(world.mails().await, 1);
}

#[tokio::test]
async fn the_pages_of_the_links_change_nothing_until_their_button_is_pressed() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    ask(&world, &access, NEW).await;
    let (to_new, to_old) = (world.mail_to(NEW).await.token(), world.mail_to(EMAIL).await.token());
    for (page, token, expected) in [("/change-email", to_new, NEW), ("/keep-email", to_old, EMAIL)]
    {
        let before = world.store.audit_events().len();
        let shown = world.get(&format!("{page}?token={token}")).await;
        assert_eq!(shown.status, 200);
        assert!(shown.body.contains(&token), "{}", shown.body);
        assert_eq!(world.store.audit_events().len(), before);
        let form = "application/x-www-form-urlencoded";
        let press = || request(Method::POST, page, form, format!("token={token}"));
        assert_eq!(world.send(press()).await.status, 200);
        assert_eq!(world.send(press()).await.status, 400, "a link works once");
        let body = json!({ "email": expected });
        world.post("/auth/password-reset/request", &body).await;
        assert_eq!(world.mail_to(expected).await.subject, "reset_password");
        let empty = world.get(page).await;
        assert_eq!(empty.status, 400);
        assert!(empty.header(header::CONTENT_TYPE).starts_with("text/html"));
    }
}

#[tokio::test]
async fn nobody_gets_an_address_that_mail_cannot_be_sent_to() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    let (mails, events) = (world.mails().await, world.store.audit_events().len());
    for bad in bad_addresses() {
        let refused = ask(&world, &access, &bad).await;
        assert_eq!(refused.outcome(), "422 validation_failed", "{bad}");
        let error = &refused.json()["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!("new_email"), &json!("invalid_email"))
        );
    }
    for (bad, code) in [(json!(null), "invalid_type"), (json!([NEW]), "invalid_type")] {
        let body = json!({ "new_email": bad, "password": PASSWORD });
        let refused = world.post_as(&access, "/account/request-email-change", &body).await;
        assert_eq!(refused.json()["errors"][0]["code"], code, "{bad}");
    }
    assert_eq!((world.mails().await, world.store.audit_events().len()), (mails, events));
}
