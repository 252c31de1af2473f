//! The pages that the links in mails lead to.

use axum::http::{Method, header};
use serde_json::json;

use crate::world::{Answer, DAY, EMAIL, PASSWORD, World, request};

async fn submit(world: &World, path: &str, form: String) -> Answer {
    world.send(request(Method::POST, path, "application/x-www-form-urlencoded", form)).await
}

/// A page without script, foreign content, frames, referrers or a place in a cache.
fn assert_safe(answer: &Answer) {
    assert_framed(answer);
    assert!(!answer.header(header::CONTENT_SECURITY_POLICY).contains("script-src"));
    assert!(!answer.body.contains("<script"), "{}", answer.body);
}

/// The same, but for the one script that helps to choose a password, which is a file of ours.
fn assert_safe_with_script(answer: &Answer) {
    const SCRIPT: &str = "<script src=\"auth/new-password.js\" defer></script>";
    assert_framed(answer);
    let policy = answer.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert!(!policy.contains("connect-src"), "it asks nobody for anything: {policy}");
    assert_eq!(answer.body.matches("<script").count(), 1, "{}", answer.body);
    assert!(answer.body.contains(SCRIPT), "{}", answer.body);
}

fn assert_framed(answer: &Answer) {
    let policy = answer.header(header::CONTENT_SECURITY_POLICY);
    for rule in
        ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
    {
        assert!(policy.contains(rule), "{policy}");
    }
    assert_eq!(answer.header(header::X_FRAME_OPTIONS), "DENY");
    assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer");
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
    for foreign in ["http://", "https://", "//", "style=", " onclick", " onload", " onerror"] {
        assert!(!answer.body.contains(foreign), "{foreign} in {}", answer.body);
    }
}

#[tokio::test]
async fn opening_a_link_changes_nothing_and_the_form_verifies_once() {
    let world = World::verifying();
    world.register(EMAIL).await;
    let token = world.mailed_token().await;
    for _ in 0..2 {
        let page = world.get(&format!("/verify-email?token={token}")).await;
        assert_eq!(page.status, 200);
        assert_safe(&page);
        assert!(page.body.contains(&format!("name=\"token\" value=\"{token}\"")));
    }
    assert_eq!(world.login(EMAIL, PASSWORD).await.status, 403);
    let done = submit(&world, "/verify-email", format!("token={token}")).await;
    assert_eq!(done.status, 200);
    assert_safe(&done);
    assert!(done.body.contains("verified"));
    assert_eq!(world.login(EMAIL, PASSWORD).await.status, 200);
    let again = submit(&world, "/verify-email", format!("token={token}")).await;
    assert_eq!(again.status, 400);
    assert_safe(&again);
}

#[tokio::test]
async fn the_form_sets_a_new_password_and_keeps_the_link_when_one_is_refused() {
    let world = World::open();
    world.register(EMAIL).await;
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    let token = world.mailed_token().await;
    let page = world.get(&format!("/reset-password?token={token}")).await;
    assert_safe_with_script(&page);
    for part in
        ["type=\"password\"", "autocomplete=\"new-password\"", "<label for=\"new-password\">"]
    {
        assert!(page.body.contains(part), "{part}");
    }
    let told = "At least 8 characters, of any kind.";
    assert!(page.body.contains(told) && page.body.contains("aria-live=\"polite\""), "{page:?}");
    let owner = format!("autocomplete=\"username\" value=\"{EMAIL}\" readonly");
    assert!(page.body.contains(&owner), "a password manager knows whose it is: {page:?}");
    let product = "data-product=\"Acme &#38; Sons\"";
    assert!(page.body.contains(product), "its script knows the product's name: {page:?}");
    let weak = submit(&world, "/reset-password", format!("token={token}&new_password=short")).await;
    assert_eq!(weak.status, 422);
    assert_safe_with_script(&weak);
    assert!(weak.body.contains("at least 8 characters") && weak.body.contains(&token));
    assert!(!weak.body.contains("value=\"short\""));
    let form = format!("token={token}&new_password=new+p%C3%A4ssword+456");
    assert_eq!(submit(&world, "/reset-password", form.clone()).await.status, 200);
    assert_eq!(world.login(EMAIL, "new pässword 456").await.status, 200);
    assert_eq!(submit(&world, "/reset-password", form).await.status, 400);
}

#[tokio::test]
async fn a_broken_link_is_explained() {
    let world = World::open();
    for path in ["/verify-email", "/reset-password"] {
        for page in [
            world.get(path).await,
            world.get(&format!("{path}?tok=x")).await,
            submit(&world, path, String::new()).await,
            submit(&world, path, "token=x".into()).await,
            submit(&world, path, "token=x&new_password=newpassword456".into()).await,
            world.post(path, &json!({ "token": "x" })).await,
            world.get("/reset-password?token=x").await,
        ] {
            assert_eq!(page.status, 400, "{page:?}");
            assert_safe(&page);
        }
    }
}

#[tokio::test]
async fn nothing_in_a_link_is_taken_for_markup() {
    let world = World::open();
    let hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for path in ["/verify-email", "/reset-password"] {
        let page = world.get(&format!("{path}?token={hostile}")).await;
        assert!(!page.body.contains("<script"), "{}", page.body);
    }
}

#[tokio::test]
async fn the_style_sheet_is_served_beside_the_pages() {
    let style = World::open().get("/auth/pages.css").await;
    assert_eq!(
        (style.status.as_u16(), style.header(header::CONTENT_TYPE)),
        (200, "text/css; charset=utf-8")
    );
    assert!(!style.body.contains("url("));
}

#[tokio::test]
async fn a_link_that_does_not_work_says_so_before_somebody_has_chosen_a_password() {
    let world = World::open();
    world.register(EMAIL).await;
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    let token = world.mailed_token().await;
    let link = format!("/reset-password?token={token}");
    for _ in 0..2 {
        assert_eq!(world.get(&link).await.status, 200, "opening it spends nothing");
    }
    world.clock.advance(DAY);
    let expired = world.get(&link).await;
    assert_eq!(expired.status, 400);
    assert_safe(&expired);
    assert!(!expired.body.contains(EMAIL), "nobody is told whose it was: {expired:?}");
}
