//! Recognising callers, in the routes of an embedding program too.

use axum::{
    Router,
    body::Body,
    http::{Request, header},
    routing::get,
};
use fastauth_http::{Claims, CurrentUser, VerifiedUser};
use serde_json::json;
use std::{sync::Arc, time::Duration};

use crate::world::{Answer, EMAIL, World};

async fn hello(CurrentUser(caller): CurrentUser) -> String {
    format!("hello {}", caller.account.email)
}

async fn greet(caller: Option<CurrentUser>) -> String {
    caller.map_or_else(|| "hello stranger".to_owned(), |user| user.0.account.email.to_string())
}

async fn members(VerifiedUser(caller): VerifiedUser) -> String {
    format!("hello, member {}", caller.account.email)
}

async fn claimed(Claims(claims): Claims) -> String {
    claims.account.to_string()
}

async fn perhaps_claimed(claims: Option<Claims>) -> String {
    claims.map_or_else(|| "nothing".to_owned(), |Claims(claims)| claims.account.to_string())
}

async fn both(CurrentUser(caller): CurrentUser, Claims(claims): Claims) -> String {
    (caller.account.id == claims.account).to_string()
}

/// A program of somebody's own, with FastAuth mounted.
fn embedded(world: &mut World) {
    let own = Router::new()
        .route("/hello", get(hello))
        .route("/greet", get(greet))
        .route("/members", get(members))
        .route("/claimed", get(claimed))
        .route("/perhaps-claimed", get(perhaps_claimed))
        .route("/both", get(both))
        .with_state(Arc::clone(&world.use_cases.accounts));
    world.router = own.merge(fastauth_http::auth_router(&world.use_cases));
}

async fn call(world: &World, path: &str, authorization: &[&str]) -> Answer {
    let mut request = Request::get(path);
    for value in authorization {
        request = request.header(header::AUTHORIZATION, *value);
    }
    world.send(request.body(Body::empty()).unwrap()).await
}

/// Routes that are for people who are signed in.
const PROTECTED: [&str; 5] = ["/hello", "/auth/me", "/members", "/claimed", "/both"];
/// Routes that are for everybody.
const OPEN: [&str; 2] = ["/greet", "/perhaps-claimed"];

#[tokio::test]
async fn a_route_of_ones_own_is_told_who_calls() {
    let mut world = World::open();
    embedded(&mut world);
    let token = world.register(EMAIL).await.member("access_token");
    for scheme in ["Bearer", "bearer", "BEARER", "Bearer  "] {
        let answer = call(&world, "/hello", &[&format!("{scheme} {token}")]).await;
        assert_eq!(answer.body, format!("hello {EMAIL}"));
    }
    assert_eq!(call(&world, "/greet", &[&format!("Bearer {token}")]).await.body, EMAIL);
    assert_eq!(call(&world, "/greet", &[]).await.body, "hello stranger");
    assert_eq!(call(&world, "/perhaps-claimed", &[]).await.body, "nothing");
    assert_eq!(call(&world, "/both", &[&format!("Bearer {token}")]).await.body, "true");
    let id = world.me(&token).await.member("id");
    for path in ["/claimed", "/perhaps-claimed"] {
        assert_eq!(call(&world, path, &[&format!("Bearer {token}")]).await.body, id);
    }
}

#[tokio::test]
async fn everybody_else_is_challenged() {
    let mut world = World::open();
    embedded(&mut world);
    let token = format!("Bearer {}", world.register(EMAIL).await.member("access_token"));
    for path in PROTECTED {
        for nothing in [&[][..], &["Basic dXNlcjpwYXNz"], &["Bearer"], &["Bearer "], &[""]] {
            let answer = call(&world, path, nothing).await;
            assert_eq!(answer.outcome(), "401 not_authenticated", "{path} {nothing:?}");
            assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer");
        }
    }
    for path in PROTECTED.into_iter().chain(OPEN) {
        for bad in ["Bearer nonsense", &format!("{token}, {token}"), &format!("{token} x")] {
            let answer = call(&world, path, &[bad]).await;
            assert_eq!(answer.outcome(), "401 invalid_token", "{path} {bad}");
            let challenge = answer.header(header::WWW_AUTHENTICATE);
            assert_eq!(challenge, "Bearer error=\"invalid_token\"");
        }
        for twice in [[token.as_str(), token.as_str()], [token.as_str(), "Basic dXNlcjpwYXNz"]] {
            let answer = call(&world, path, &twice).await;
            assert_eq!(answer.outcome(), "400 bad_request", "{path} {twice:?}");
            let challenge = answer.header(header::WWW_AUTHENTICATE);
            assert_eq!(challenge, "Bearer error=\"invalid_request\"");
        }
    }
}

#[tokio::test]
async fn whoever_has_not_proven_the_address_is_no_verified_user() {
    let mut world = World::open();
    embedded(&mut world);
    let token = world.register(EMAIL).await.member("access_token");
    let answer = call(&world, "/members", &[&format!("Bearer {token}")]).await;
    assert_eq!(answer.outcome(), "403 email_not_verified");
    let challenge = answer.header(header::WWW_AUTHENTICATE);
    assert_eq!(challenge, "Bearer error=\"insufficient_scope\"");
    let proof = json!({ "token": world.mailed_token().await });
    assert_eq!(world.post("/auth/email-verification/confirm", &proof).await.status, 204);
    let answer = call(&world, "/members", &[&format!("Bearer {token}")]).await;
    assert_eq!(answer.body, format!("hello, member {EMAIL}"));
}

#[tokio::test]
async fn claims_are_believed_until_they_expire_and_users_until_they_leave() {
    let mut world = World::open();
    embedded(&mut world);
    let tokens = world.register(EMAIL).await;
    let token = format!("Bearer {}", tokens.member("access_token"));
    let body = json!({ "refresh_token": tokens.member("refresh_token") });
    assert_eq!(world.post("/auth/logout", &body).await.status, 204);
    for path in ["/hello", "/members", "/both", "/greet"] {
        assert_eq!(call(&world, path, &[&token]).await.outcome(), "401 invalid_token", "{path}");
    }
    for path in ["/claimed", "/perhaps-claimed"] {
        assert_eq!(call(&world, path, &[&token]).await.status, 200, "{path}");
    }
    world.clock.advance(Duration::from_mins(30));
    for path in ["/claimed", "/perhaps-claimed"] {
        assert_eq!(call(&world, path, &[&token]).await.outcome(), "401 invalid_token", "{path}");
    }
}

#[tokio::test]
async fn a_token_anywhere_else_is_not_looked_at() {
    let mut world = World::open();
    embedded(&mut world);
    let token = world.register(EMAIL).await.member("access_token");
    for path in PROTECTED {
        for query in ["access_token", "token", "authorization"] {
            let answer = call(&world, &format!("{path}?{query}={token}"), &[]).await;
            assert_eq!(answer.outcome(), "401 not_authenticated");
        }
        let request = Request::get(path)
            .header(header::COOKIE, format!("access_token={token}"))
            .header(header::PROXY_AUTHORIZATION, format!("Bearer {token}"))
            .header("x-authorization", format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("access_token={token}")));
        assert_eq!(world.send(request.unwrap()).await.outcome(), "401 not_authenticated");
    }
}

#[tokio::test]
async fn the_public_keys_are_there_for_everybody_and_may_be_kept_for_a_while() {
    let world = World::open();
    let answer = world.get("/.well-known/paseto-keys").await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "keys": [] })));
    assert_eq!(answer.header(header::CACHE_CONTROL), "public, max-age=300");
}

#[tokio::test]
async fn a_mounted_router_leaves_the_hosts_other_paths_alone() {
    let mut world = World::open();
    embedded(&mut world);
    let answer = world.get("/nowhere").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (404, ""));
}
