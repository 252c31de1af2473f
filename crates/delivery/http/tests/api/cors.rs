//! Pages of other web sites.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use fastauth_http::allow_origins;

use crate::world::{Answer, World};

const APP: &str = "https://app.example.com";

async fn asked_by(world: &World, method: Method, origin: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri("/auth/me")
        .header(header::ORIGIN, origin)
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization");
    world.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn pages_of_other_sites_are_refused_by_browsers_unless_they_are_named() {
    let mut world = World::open();
    for method in [Method::OPTIONS, Method::GET] {
        let answer = asked_by(&world, method, APP).await;
        assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "");
    }
    world.router = allow_origins(world.router, &[APP.parse().unwrap()]);
    for (origin, told) in [
        (APP, APP),
        ("http://app.example.com", ""),
        ("https://app.example.com.evil.example", ""),
        ("https://app.example.com:8443", ""),
        ("null", ""),
    ] {
        let preflight = asked_by(&world, Method::OPTIONS, origin).await;
        assert_eq!(preflight.status, StatusCode::OK);
        assert_eq!(preflight.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), told, "{origin}");
        let answer = asked_by(&world, Method::GET, origin).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), told, "{origin}");
        // Cookies and the like are never asked for, and caches keep apart what differs.
        assert_eq!(answer.header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS), "");
        assert!(answer.header(header::VARY).contains("origin"));
    }
}

#[tokio::test]
async fn a_page_that_is_named_may_send_a_token_and_read_when_to_try_again() {
    let mut world = World::open();
    world.router = allow_origins(world.router, &[APP.parse().unwrap()]);
    let preflight = asked_by(&world, Method::OPTIONS, APP).await;
    assert!(preflight.header(header::ACCESS_CONTROL_ALLOW_HEADERS).contains("authorization"));
    assert!(preflight.header(header::ACCESS_CONTROL_ALLOW_METHODS).contains("DELETE"));
    let answer = asked_by(&world, Method::GET, APP).await;
    assert!(answer.header(header::ACCESS_CONTROL_EXPOSE_HEADERS).contains("retry-after"));
}
