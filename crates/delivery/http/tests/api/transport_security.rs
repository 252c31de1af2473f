//! Browsers that have come by TLS.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use fastauth_http::{allow_origins, insist_on_tls};

use crate::world::World;

#[tokio::test]
async fn every_answer_insists_on_tls_where_people_come_by_it_and_none_elsewhere() {
    let mut world = World::open();
    for policy in ["", "max-age=31536000"] {
        for (method, path, status) in [
            (Method::GET, "/health/live", 200),
            (Method::GET, "/verify-email?token=x", 200),
            (Method::GET, "/verify-email", 400),
            (Method::GET, "/auth/me", 401),
            (Method::GET, "/nowhere", 404),
            (Method::GET, "/auth/login", 405),
            (Method::POST, "/auth/login", 415),
            (Method::OPTIONS, "/auth/me", if policy.is_empty() { 405 } else { 200 }),
        ] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header(header::ORIGIN, "https://app.example.com")
                .header(header::ACCESS_CONTROL_REQUEST_METHOD, "GET");
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, status, "{path}");
            assert_eq!(answer.header(header::STRICT_TRANSPORT_SECURITY), policy, "{path}");
        }
        let router = allow_origins(world.router, &["https://app.example.com".parse().unwrap()]);
        world.router = insist_on_tls(router);
    }
}
