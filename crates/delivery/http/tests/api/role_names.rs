//! What roles, permissions and people are called in paths and bodies.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    roles::Person,
    world::{Answer, World},
};

/// The member that is wrong, and why.
fn error(answer: &Answer) -> (String, String) {
    assert_eq!(answer.outcome(), "422 validation_failed", "{answer:?}");
    let error = &answer.json()["errors"][0];
    let text = |member: &str| error[member].as_str().unwrap().to_owned();
    (text("field"), text("code"))
}

fn told(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[tokio::test]
async fn a_role_may_be_called_like_a_part_of_a_path() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    for name in ["me", "user", "assign", "revoke", "permissions", "roles", "admins"] {
        let body = json!({ "name": name, "permissions": ["a:b"] });
        assert_eq!(admin.post(&world, "/roles", &body).await.status, 201, "{name}");
        let path = format!("/roles/{name}/permissions");
        let body = json!({ "permissions": ["c:d"] });
        assert_eq!(admin.post(&world, &path, &body).await.status, 200, "{name}");
        let body = json!({ "permissions": ["a:b"] });
        assert_eq!(admin.delete(&world, &path, &body).await.status, 200, "{name}");
        let all = admin.get(&world, "/roles").await.json();
        assert!(all.as_array().unwrap().contains(&json!({ "name": name, "permissions": ["c:d"] })));
        let path = format!("/roles/{name}");
        assert_eq!(admin.delete(&world, &path, &Value::Null).await.status, 200, "{name}");
        let gone = admin.delete(&world, &path, &Value::Null).await;
        assert_eq!(gone.outcome(), "404 role_not_found", "{name}");
    }
}

#[tokio::test]
async fn a_name_that_is_none_is_422() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    let long = "a".repeat(65);
    for name in ["Admin", "ADMIN", "2nd", "a.b", "a b", "а", "*", "", &long] {
        let answer = admin.post(&world, "/roles", &json!({ "name": name })).await;
        assert_eq!(error(&answer), told("name", "invalid_role_name"), "{name}");
        let body = json!({ "user_id": admin.id, "role_name": name });
        let answer = admin.post(&world, "/roles/assign", &body).await;
        assert_eq!(error(&answer), told("role_name", "invalid_role_name"), "{name}");
    }
    for name in ["Admin", "%41dmin", "a.b", "a%20b", "%FF", "%00", "*", &long] {
        for path in [format!("/roles/{name}"), format!("/roles/{name}/permissions")] {
            let answer = admin.delete(&world, &path, &json!({ "permissions": [] })).await;
            assert_eq!(error(&answer), told("name", "invalid_role_name"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_permission_that_is_none_is_422() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    for bad in ["posts", "posts:", "*", "*:edit", "Posts:edit", "posts:edit ", "a:b:c", ""] {
        let body = json!({ "name": "editor", "permissions": ["posts:read", bad] });
        let code = told("permissions", "invalid_permission");
        assert_eq!(error(&admin.post(&world, "/roles", &body).await), code, "{bad}");
        for method in [Method::POST, Method::DELETE] {
            let path = "/roles/admin/permissions";
            let answer = world.send_as(&admin.token, method, path, &body).await;
            assert_eq!(error(&answer), code, "{bad}");
        }
    }
    for bad in [json!("posts:edit"), json!([7]), json!({}), json!([["posts:edit"]])] {
        let body = json!({ "name": "editor", "permissions": bad });
        let answer = admin.post(&world, "/roles", &body).await;
        assert_eq!(error(&answer), told("permissions", "invalid_type"), "{bad}");
    }
    let missing = admin.post(&world, "/roles/admin/permissions", &json!({})).await;
    assert_eq!(error(&missing), told("permissions", "missing"));
    let many: Vec<_> = (0..65).map(|nth| format!("a{nth}:b")).collect();
    let body = json!({ "name": "editor", "permissions": many });
    let answer = admin.post(&world, "/roles", &body).await;
    assert_eq!(error(&answer), told("permissions", "too_many"));
    let answer = admin.post(&world, "/roles/admin/permissions", &body).await;
    assert_eq!(error(&answer), told("permissions", "too_many"));
}

#[tokio::test]
async fn an_id_that_is_none_is_422() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    for id in ["1", "nonsense", "0193a2b4", "%00", "permissions"] {
        let answer = admin.get(&world, &format!("/roles/user/{id}")).await;
        if id == "permissions" {
            assert_eq!(answer.outcome(), "405 method_not_allowed");
            continue;
        }
        assert_eq!(error(&answer), told("user_id", "invalid_id"), "{id}");
        let body = json!({ "user_id": id, "role_name": "admin" });
        for path in ["/roles/assign", "/roles/revoke"] {
            let answer = admin.post(&world, path, &body).await;
            assert_eq!(error(&answer), told("user_id", "invalid_id"), "{id}");
        }
    }
}
