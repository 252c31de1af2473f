//! Bad input gets a clear answer, and changes nothing.

use std::convert::Infallible;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::world::{Answer, EMAIL, PASSWORD, World, request};

/// Every path that takes a body, with a good one.
fn posts() -> Vec<(&'static str, Value)> {
    vec![
        ("/auth/register", json!({ "email": EMAIL, "password": PASSWORD })),
        ("/auth/login", json!({ "email": EMAIL, "password": PASSWORD })),
        ("/auth/refresh", json!({ "refresh_token": "x" })),
        ("/auth/logout", json!({ "refresh_token": "x" })),
        ("/auth/password-reset/request", json!({ "email": EMAIL })),
        ("/auth/password-reset/confirm", json!({ "token": "x", "new_password": PASSWORD })),
        ("/auth/email-verification/request", json!({ "email": EMAIL })),
        ("/auth/email-verification/resend", json!({ "email": EMAIL })),
        ("/auth/email-verification/confirm", json!({ "token": "x" })),
    ]
}

fn assert_problem(answer: &Answer, outcome: &str) {
    assert_eq!(answer.outcome(), outcome, "{answer:?}");
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status.as_u16());
    assert_eq!(problem["type"], format!("urn:fastauth:problem:{}", answer.member("code")));
    assert!(!answer.member("title").is_empty() && !answer.member("detail").is_empty());
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_400() {
    let world = World::open();
    for (path, _) in posts() {
        let deep = "[".repeat(10_000);
        for body in ["", "{", "{\"email\":}", "nonsense", "{\"a\":1}x", "\u{0}", &deep] {
            let request = request(Method::POST, path, "application/json", body.to_owned());
            assert_problem(&world.send(request).await, "400 malformed_json");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_nested_more_than_32_levels_deep_is_400() {
    let world = World::open();
    world.register(EMAIL).await;
    let nested = |kind: fn(usize) -> bool, levels: usize| {
        (0..levels).rev().fold("1".to_owned(), |inner, level| {
            if kind(level) { format!("[{inner}]") } else { format!("{{\"x\":{inner}}}") }
        })
    };
    let kinds: [fn(usize) -> bool; 3] = [|_| true, |_| false, |level| level % 2 == 0];
    for kind in kinds {
        // The object of the body is the first level.
        for (levels, outcome) in [(31, "200"), (32, "400 malformed_json")] {
            let unknown = nested(kind, levels);
            for body in [
                format!(r#"{{"email":"{EMAIL}","password":"{PASSWORD}","unknown":{unknown}}}"#),
                format!(r#"{{"unknown":{unknown},"email":"{EMAIL}","password":"{PASSWORD}"}}"#),
            ] {
                let login = request(Method::POST, "/auth/login", "application/json", body);
                assert_eq!(world.send(login).await.outcome(), outcome, "{unknown}");
            }
        }
    }
}

#[tokio::test]
async fn text_that_is_no_unicode_is_400() {
    let world = World::open();
    for (path, good) in posts() {
        let good = good.to_string();
        let octets = |bad: &[u8]| {
            let at = good.find(":\"").unwrap() + 2;
            let (before, after) = good.as_bytes().split_at(at);
            [before, bad, after].concat()
        };
        // A continuation without a beginning, an overlong slash, a surrogate, beyond Unicode, one cut off.
        for bad in [&b"\x80"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"] {
            let post = Request::post(path).header(header::CONTENT_TYPE, "application/json");
            let answer = world.send(post.body(Body::from(octets(bad))).unwrap()).await;
            assert_problem(&answer, "400 malformed_json");
        }
        for bad in [r"\ud800", r"\udc00", r"\ud800\ud800", r"\ud83e x", r"\u12", r"\x41"] {
            let body = String::from_utf8(octets(bad.as_bytes())).unwrap();
            let answer = world.send(request(Method::POST, path, "application/json", body)).await;
            assert_problem(&answer, "400 malformed_json");
        }
    }
}

#[tokio::test]
async fn brackets_in_texts_and_names_are_no_levels() {
    let world = World::open();
    world.register(EMAIL).await;
    for text in ["[".repeat(1_000), "\\\"{[".repeat(1_000), "\\\\\\\"[".repeat(1_000)] {
        let members = format!(r#""{text}":"{text}","email":"{EMAIL}","password":"{PASSWORD}""#);
        let body = format!("{{{members}}}");
        let login = request(Method::POST, "/auth/login", "application/json", body);
        assert_eq!(world.send(login).await.outcome(), "200");
    }
}

#[tokio::test]
async fn a_body_in_another_form_is_415() {
    let world = World::open();
    for (path, body) in posts() {
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "text/json", ""] {
            let request = request(Method::POST, path, content_type, body.to_string());
            assert_problem(&world.send(request).await, "415 unsupported_media_type");
        }
        let charset = "application/json; charset=utf-8";
        let answer = world.send(request(Method::POST, path, charset, body.to_string())).await;
        assert_ne!(answer.status, 415);
    }
}

#[tokio::test]
async fn a_body_over_64_kib_is_413() {
    let world = World::open();
    for (path, _) in posts() {
        let body = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
        let post = |body| request(Method::POST, path, "application/json", body);
        let answer = world.send(post(body(64 * 1_024 + 1))).await;
        assert_problem(&answer, "413 payload_too_large");
        assert_problem(&world.send(post(body(64 * 1_024))).await, "422 validation_failed");
    }
}

#[tokio::test]
async fn a_missing_or_mistyped_member_is_422_and_named() {
    let world = World::open();
    for (path, good) in posts() {
        for field in good.as_object().unwrap().keys() {
            for bad in
                [None, Some(Value::Null), Some(json!(7)), Some(json!(["x"])), Some(json!({}))]
            {
                let mut body = good.clone();
                let code = if bad.is_some() { "invalid_type" } else { "missing" };
                match bad {
                    Some(bad) => body[field] = bad,
                    None => drop(body.as_object_mut().unwrap().remove(field)),
                }
                let answer = world.post(path, &body).await;
                assert_problem(&answer, "422 validation_failed");
                let error = &answer.json()["errors"][0];
                assert_eq!((&error["field"], &error["code"]), (&json!(field), &json!(code)));
            }
        }
        for body in [json!([]), json!(7), json!("x"), Value::Null] {
            assert_problem(&world.post(path, &body).await, "422 validation_failed");
        }
    }
}

/// What nobody can send mail to, or should not.
pub(crate) fn bad_addresses() -> Vec<String> {
    let bad = [
        "",
        "plain",
        "a@",
        "a@b@example.com",
        "a b@example.com",
        "\"a\"@example.com",
        "a(b)@example.com",
        ".a@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "a\0@example.com",
        "a@example.com.",
        "a@127.0.0.1",
        "a@[::1]",
        "😀@example.com",
        "a\u{202e}b@example.com",
        "a\tb@example.com",
        "\u{212a}@example.com",
    ];
    let long_local = format!("{}@example.com", "a".repeat(65));
    let long = format!("a@{}.com", "d".repeat(250));
    bad.map(str::to_owned).into_iter().chain([long_local, long]).collect()
}

#[tokio::test]
async fn a_bad_address_is_422_wherever_one_is_taken() {
    let world = World::open();
    for (path, good) in posts().into_iter().filter(|(_, good)| good["email"].is_string()) {
        for bad in bad_addresses() {
            let mut body = good.clone();
            body["email"] = json!(bad);
            let answer = world.post(path, &body).await;
            assert_problem(&answer, "422 validation_failed");
            assert_eq!(answer.json()["errors"][0]["code"], "invalid_email");
        }
    }
    assert_eq!(world.mails().await, 0);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let world = World::open();
    let body = json!({ "email": "plain", "password": 7, "name": "" });
    let answer = world.post("/auth/register", &body).await;
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    let fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["email", "password", "name"]);
}

#[tokio::test]
async fn a_password_outside_the_policy_is_422_with_the_reason() {
    let world = World::open();
    for (password, code) in [
        ("short77", "too_short"),
        (&*"long ".repeat(26), "too_long"),
        ("password123", "common"),
        ("user@example.com", "personal"),
        ("Ada.Lovelace-1815", "personal"),
        ("acme&sons 2026", "personal"),
    ] {
        let body = json!({ "email": EMAIL, "password": password, "name": "Ada Lovelace" });
        let answer = world.post("/auth/register", &body).await;
        assert_problem(&answer, "422 validation_failed");
        let error = &answer.json()["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!("password"), &json!(code)));
    }
    assert_eq!(world.login(EMAIL, "short77").await.outcome(), "401 invalid_credentials");
}

#[tokio::test]
async fn a_wrong_method_is_405_and_names_the_right_ones() {
    let world = World::open();
    for (path, body) in posts() {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
            let answer =
                world.send(request(method, path, "application/json", body.to_string())).await;
            assert_problem(&answer, "405 method_not_allowed");
            assert_eq!(answer.header(header::ALLOW), "POST");
        }
    }
    let answer = world.post("/auth/me", &json!({})).await;
    assert_problem(&answer, "405 method_not_allowed");
    assert_eq!(answer.header(header::ALLOW), "GET,HEAD");
}

#[tokio::test]
async fn an_unknown_path_is_404() {
    let world = World::open();
    for path in
        ["/", "/auth", "/auth/", "/auth/login/", "//auth/login", "/auth/%6cogin/x", "/admin"]
    {
        assert_problem(&world.get(path).await, "404 not_found");
    }
}

#[tokio::test]
async fn nothing_of_all_this_was_written() {
    let world = World::open();
    for (path, good) in posts() {
        for field in good.as_object().unwrap().keys() {
            let mut body = good.clone();
            body[field] = json!(7);
            world.post(path, &body).await;
        }
        world.send(request(Method::POST, path, "application/json", "{".into())).await;
    }
    assert!(world.store.audit_events().is_empty());
    assert_eq!(world.mails().await, 0);
    assert_eq!((world.hasher.hashes(), world.hasher.comparisons()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_in_time_is_408() {
    let world = World::open();
    for (path, body) in posts() {
        let beginning = body.to_string().split_off(1);
        let never = stream::once(async { Ok::<_, Infallible>(beginning) }).chain(stream::pending());
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let answer = world.send(request.body(Body::from_stream(never)).unwrap()).await;
        assert_problem(&answer, "408 request_timeout");
    }
}
