//! Who may call what: a route is public by this list, or it asks who calls.

use axum::http::{Method, header};
use serde_json::json;

use crate::{
    description::{description, operations},
    world::{EMAIL, World, request},
};

/// What anybody may call. It is the whole list: another route is only public once it is here.
const PUBLIC: [(&str, &str); 14] = [
    ("GET", "/.well-known/paseto-keys"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("POST", "/account/confirm-email-change"),
    ("POST", "/account/revert-email-change"),
    ("POST", "/auth/email-verification/confirm"),
    ("POST", "/auth/email-verification/request"),
    ("POST", "/auth/email-verification/resend"),
    ("POST", "/auth/login"),
    ("POST", "/auth/logout"),
    ("POST", "/auth/password-reset/confirm"),
    ("POST", "/auth/password-reset/request"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/register"),
];

fn is_public(method: &Method, path: &str) -> bool {
    PUBLIC.contains(&(method.as_str(), path))
}

/// A path of a template, as of somebody who has read the description.
fn filled(template: &str) -> String {
    let id = "01a2076e-f59e-7023-b05c-184f3a938aca";
    template.replace("{id}", id).replace("{user_id}", id).replace("{name}", "editor")
}

#[tokio::test]
async fn every_route_is_public_by_the_list_or_asks_who_calls() {
    let world = World::open();
    let refresh_token = world.register(EMAIL).await.member("refresh_token");
    let operations = operations(&description().await);
    for (path, method, operation) in &operations {
        let public = is_public(method, path);
        assert_eq!(operation["security"].is_null(), public, "{method} {path} as described");
        let path = filled(path);
        let body = json!({}).to_string();
        let nobody = request(method.clone(), &path, "application/json", body);
        let answer = world.send(nobody).await;
        let asked = answer.outcome() == "401 not_authenticated";
        assert_eq!(asked, !public, "{method} {path}: {answer:?}");
        if !public {
            assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer", "{method} {path}");
            for token in ["nonsense", &refresh_token] {
                let answer = world.send_as(token, method.clone(), &path, &json!({})).await;
                assert_eq!(answer.outcome(), "401 invalid_token", "{method} {path}");
            }
        }
    }
    for (method, path) in PUBLIC {
        let is_there = |it: &(String, Method, _)| it.0 == path && it.1 == method;
        assert!(operations.iter().any(is_there), "{method} {path} is not there");
    }
}

#[tokio::test]
async fn no_other_spelling_of_a_route_and_no_other_method_asks_less() {
    let world = World::open();
    for (path, method, _) in operations(&description().await) {
        if is_public(&method, &path) {
            continue;
        }
        let path = filled(&path);
        let (first, rest) = path[1..].split_at(1);
        let encoded = format!("/%{:02x}{rest}", first.as_bytes()[0]);
        for spelling in [
            format!("{path}/"),
            format!("/{path}"),
            format!("/.{path}"),
            format!("/%2e{path}"),
            format!("{path}/."),
            format!("{path}/%2e"),
            format!("{path};a=b"),
            format!("{path}%00"),
            format!("/x/..{path}"),
            path.to_uppercase(),
            encoded,
        ] {
            for method in [method.clone(), Method::GET, Method::HEAD, Method::OPTIONS] {
                let request = request(method.clone(), &spelling, "application/json", "{}".into());
                let status = world.send(request).await.status.as_u16();
                assert!([401, 404, 405].contains(&status), "{method} {spelling}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn no_header_makes_a_method_another_one() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        for (method, path) in [(Method::POST, "/sessions/all"), (Method::GET, "/account/delete")] {
            let mut request = request(method, path, "application/json", "{}".into());
            let bearer = format!("Bearer {access}").parse().unwrap();
            request.headers_mut().insert(header::AUTHORIZATION, bearer);
            request.headers_mut().insert(name, "DELETE".parse().unwrap());
            assert_eq!(world.send(request).await.outcome(), "405 method_not_allowed", "{path}");
        }
    }
    assert_eq!(world.me(&access).await.status, 200);
}
