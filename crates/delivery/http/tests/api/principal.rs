//! Recognising callers, in the routes of an embedding program too.

use axum::{
    Router,
    body::Body,
    http::{Request, header},
    routing::get,
};
use fastauth_http::CurrentUser;
use std::sync::Arc;

use crate::world::{Answer, EMAIL, World};

async fn hello(CurrentUser(caller): CurrentUser) -> String {
    format!("hello {}", caller.account.email)
}

async fn greet(caller: Option<CurrentUser>) -> String {
    caller.map_or_else(|| "hello stranger".to_owned(), |user| user.0.account.email.to_string())
}

/// A program of somebody's own, with FastAuth mounted.
fn embedded(world: &mut World) {
    let own = Router::new()
        .route("/hello", get(hello))
        .route("/greet", get(greet))
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

#[tokio::test]
async fn a_route_of_ones_own_is_told_who_calls() {
    let mut world = World::open();
    embedded(&mut world);
    let token = world.register(EMAIL).await.member("access_token");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = call(&world, "/hello", &[&format!("{scheme} {token}")]).await;
        assert_eq!(answer.body, format!("hello {EMAIL}"));
    }
    assert_eq!(call(&world, "/greet", &[&format!("Bearer {token}")]).await.body, EMAIL);
    assert_eq!(call(&world, "/greet", &[]).await.body, "hello stranger");
}

#[tokio::test]
async fn everybody_else_is_challenged() {
    let mut world = World::open();
    embedded(&mut world);
    let token = format!("Bearer {}", world.register(EMAIL).await.member("access_token"));
    for path in ["/hello", "/auth/me"] {
        for nothing in [&[][..], &["Basic dXNlcjpwYXNz"], &["Bearer"], &[""]] {
            let answer = call(&world, path, nothing).await;
            assert_eq!(answer.outcome(), "401 not_authenticated");
            assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer");
        }
        let answer = call(&world, path, &["Bearer nonsense"]).await;
        assert_eq!(answer.outcome(), "401 invalid_token");
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer error=\"invalid_token\"");
        let answer = call(&world, path, &[&token, &token]).await;
        assert_eq!(answer.outcome(), "400 bad_request");
    }
    let answer = call(&world, "/greet", &["Bearer nonsense"]).await;
    assert_eq!(answer.outcome(), "401 invalid_token");
}

#[tokio::test]
async fn a_token_anywhere_else_is_not_looked_at() {
    let world = World::open();
    let token = world.register(EMAIL).await.member("access_token");
    let path = format!("/auth/me?access_token={token}");
    assert_eq!(call(&world, &path, &[]).await.outcome(), "401 not_authenticated");
}

#[tokio::test]
async fn a_mounted_router_leaves_the_hosts_other_paths_alone() {
    let mut world = World::open();
    embedded(&mut world);
    let answer = world.get("/nowhere").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (404, ""));
}
