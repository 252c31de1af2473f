//! The description of the API is true.

use std::collections::HashSet;

use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::world::{Answer, EMAIL, PASSWORD, World, request};

pub(crate) async fn description() -> Value {
    World::open().get("/openapi.json").await.json()
}

pub(crate) fn operations(description: &Value) -> Vec<(String, Method, Value)> {
    let mut operations = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            operations.push((path.clone(), method, operation.clone()));
        }
    }
    operations
}

/// Requests that meet as many of the statuses as a client can provoke.
async fn corpus(world: &World, path: &str, method: &Method) -> Vec<Answer> {
    let mut answers = Vec::new();
    for email in [EMAIL, "new@example.com", "plain"] {
        for password in [PASSWORD, "newpassword456", "short"] {
            let body = json!({
                "email": email, "password": password, "new_password": password,
                "refresh_token": "x", "token": "x",
            });
            answers.push(
                world
                    .send(request(method.clone(), path, "application/json", body.to_string()))
                    .await,
            );
        }
    }
    for (content_type, body) in [
        ("application/json", "{".to_owned()),
        ("application/json", "7".to_owned()),
        ("application/json", "x".repeat(70_000)),
        ("text/plain", "{}".to_owned()),
    ] {
        answers.push(world.send(request(method.clone(), path, content_type, body)).await);
    }
    answers
}

#[tokio::test]
async fn every_answer_is_described_and_has_the_members_it_should() {
    let description = description().await;
    for (path, method, operation) in operations(&description) {
        for world in [World::open(), World::verifying()] {
            world.register(EMAIL).await;
            for answer in corpus(&world, &path, &method).await {
                let status = answer.status.as_u16().to_string();
                let response = &operation["responses"][&status];
                assert!(response.is_object(), "{method} {path} answers {status}: {}", answer.body);
                assert_described(&description, response, &answer);
            }
        }
    }
}

fn assert_described(description: &Value, response: &Value, answer: &Answer) {
    let Some(content) = response["content"].as_object() else {
        assert!(answer.body.is_empty(), "{answer:?}");
        return;
    };
    let media_type = answer.header(header::CONTENT_TYPE);
    let reference = content[media_type]["schema"]["$ref"].as_str().unwrap();
    let name = reference.strip_prefix("#/components/schemas/").unwrap();
    let schema = &description["components"]["schemas"][name];
    for required in schema["required"].as_array().unwrap() {
        let member = required.as_str().unwrap();
        assert!(answer.json().get(member).is_some(), "{name} has no {member}: {answer:?}");
    }
    for member in answer.json().as_object().unwrap().keys() {
        assert!(schema["properties"][member].is_object(), "{name} does not describe {member}");
    }
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_and_a_summary() {
    let description = description().await;
    assert_eq!(description["openapi"], "3.1.0");
    let operations = operations(&description);
    let names: HashSet<_> =
        operations.iter().map(|(_, _, operation)| operation["operationId"].to_string()).collect();
    assert_eq!(names.len(), operations.len());
    assert_eq!(operations.len(), 35);
    for (path, _, operation) in operations {
        assert!(operation["summary"].as_str().is_some_and(|it| it.ends_with('.')), "{path}");
    }
}

#[tokio::test]
async fn the_codes_of_a_one_time_token_are_described_where_one_is_spent_and_nowhere_else() {
    for (path, _, operation) in operations(&description().await) {
        let bad_request = operation["responses"]["400"]["description"].as_str().unwrap_or_default();
        let spends = ["/confirm", "/confirm-email-change", "/revert-email-change"];
        let spends_one = spends.iter().any(|end| path.ends_with(end));
        assert_eq!(bad_request.contains("token_expired"), spends_one, "{path}");
    }
}

#[tokio::test]
async fn every_request_has_a_schema_of_its_own() {
    let description = description().await;
    let schema_of = |path: &str| {
        let body = &description["paths"][path]["post"]["requestBody"];
        body["content"]["application/json"]["schema"]["$ref"].as_str().unwrap().to_owned()
    };
    let reset = schema_of("/auth/password-reset/confirm");
    assert_ne!(reset, schema_of("/auth/email-verification/confirm"));
    let name = reset.rsplit('/').next().unwrap();
    assert!(description["components"]["schemas"][name]["properties"]["new_password"].is_object());
}

#[cfg(feature = "docs-ui")]
#[tokio::test]
async fn the_browser_of_the_api_needs_nothing_from_elsewhere() {
    let world = World::open();
    let page = world.get("/docs/").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("swagger-ui") && !page.body.contains("://"), "{}", page.body);
    let configuration = world.get("/docs/swagger-initializer.js").await;
    assert!(configuration.body.contains("/openapi.json"), "{}", configuration.body);
    assert!(configuration.body.contains("\"validatorUrl\": \"none\""), "{}", configuration.body);
    for asset in ["/docs/", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"] {
        let answer = world.get(asset).await;
        let policy = answer.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{asset}: {policy}");
        assert!(!policy.contains("://") && !policy.contains('*'), "{policy}");
    }
}
