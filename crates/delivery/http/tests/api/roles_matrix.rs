//! Who may do what with roles: every route, for everybody.

use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::{
    roles::Person,
    world::{World, request},
};

/// What is answered to whom.
struct Entry {
    method: Method,
    path: &'static str,
    body: Value,
    to_somebody: &'static str,
    to_an_administrator: &'static str,
}

/// Every route, with a request that an administrator succeeds with.
fn table() -> Vec<Entry> {
    const DENIED: &str = "403 permission_denied";
    let permissions = json!({ "permissions": ["posts:edit"] });
    let holder = json!({ "user_id": "{user_id}", "role_name": "editor" });
    let entry = |method, path, body, to_somebody, to_an_administrator| Entry {
        method,
        path,
        body,
        to_somebody,
        to_an_administrator,
    };
    vec![
        entry(Method::GET, "/roles/me", Value::Null, "200", "200"),
        entry(Method::GET, "/roles", Value::Null, DENIED, "200"),
        entry(Method::POST, "/roles", json!({ "name": "{name}" }), DENIED, "201"),
        entry(Method::POST, "/roles/{name}/permissions", permissions.clone(), DENIED, "200"),
        entry(Method::DELETE, "/roles/{name}/permissions", permissions, DENIED, "200"),
        entry(Method::POST, "/roles/assign", holder.clone(), DENIED, "200"),
        entry(Method::GET, "/roles/user/{user_id}", Value::Null, DENIED, "200"),
        entry(Method::POST, "/roles/revoke", holder, DENIED, "200"),
        entry(Method::DELETE, "/roles/{name}", Value::Null, DENIED, "200"),
    ]
}

/// The routes as they are described.
async fn described(world: &World) -> Value {
    world.get("/openapi.json").await.json()["paths"].clone()
}

#[tokio::test]
async fn every_route_of_roles_is_in_the_table() {
    let table = table();
    let described = described(&World::open()).await;
    for (path, methods) in described.as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|_| path.starts_with("/roles")) {
            let is_listed = |entry: &Entry| {
                entry.path == path && entry.method.as_str().eq_ignore_ascii_case(method)
            };
            assert!(table.iter().any(is_listed), "{method} {path} is not in the table");
        }
    }
}

#[tokio::test]
async fn everybody_is_answered_as_the_table_says() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    let ada = Person::new(&world, "ada").await;
    let described = described(&world).await;
    let editor = json!({ "name": "editor" });
    assert_eq!(admin.post(&world, "/roles", &editor).await.status, 201);
    for Entry { method, path, body, to_somebody, to_an_administrator } in table() {
        let filled = |text: &str| text.replace("{user_id}", &ada.id).replace("{name}", "writer");
        let body: Value = serde_json::from_str(&filled(&body.to_string())).unwrap();
        let (template, path) = (path, filled(path));
        let operation = &described[template][method.as_str().to_lowercase()];
        let anonymous =
            world.send(request(method.clone(), &path, "application/json", body.to_string())).await;
        assert_eq!(anonymous.outcome(), "401 not_authenticated", "{method} {path}");
        assert_eq!(anonymous.header(header::WWW_AUTHENTICATE), "Bearer");
        for (token, outcome) in [
            ("nonsense", "401 invalid_token"),
            (&*ada.token, to_somebody),
            (&*admin.token, to_an_administrator),
        ] {
            let answer = world.send_as(token, method.clone(), &path, &body).await;
            let told = answer.outcome();
            assert_eq!(told, outcome, "{method} {path}: {answer:?}");
            if told.starts_with("403") {
                let challenge = answer.header(header::WWW_AUTHENTICATE);
                assert_eq!(challenge, "Bearer error=\"insufficient_scope\"");
                assert!(answer.member("detail").contains("roles:manage"), "{answer:?}");
            }
            let status = answer.status.as_u16().to_string();
            let is_described = operation["responses"][&status].is_object();
            assert!(is_described, "{method} {path} answers {status}");
        }
    }
}

#[tokio::test]
async fn whoever_may_not_manage_roles_learns_nothing_of_them() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    let ada = Person::new(&world, "ada").await;
    let unknown = "0193a2b4-0000-7000-8000-000000000000";
    for path in ["/roles/user/nonsense", &format!("/roles/user/{unknown}")] {
        assert_eq!(ada.get(&world, path).await.outcome(), "403 permission_denied");
    }
    assert_eq!(
        ada.get(&world, &format!("/roles/user/{}", ada.id)).await.outcome(),
        "403 permission_denied"
    );
    for path in ["/roles/admin", "/roles/unknown", "/roles/NO-NAME"] {
        let answer = ada.delete(&world, path, &Value::Null).await;
        assert_eq!(answer.outcome(), "403 permission_denied");
    }
    for body in [json!({}), json!([]), json!({ "user_id": admin.id, "role_name": "admin" })] {
        for path in ["/roles", "/roles/assign", "/roles/revoke", "/roles/unknown/permissions"] {
            assert_eq!(ada.post(&world, path, &body).await.outcome(), "403 permission_denied");
        }
    }
}

#[tokio::test]
async fn no_other_spelling_of_a_path_gets_around_the_permission() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    let ada = Person::new(&world, "ada").await;
    let user = format!("/roles/user/{}", admin.id);
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST, Method::DELETE] {
        for path in [
            "/roles",
            "/roles/",
            "//roles",
            "/Roles",
            "/roles/.",
            "/roles/%2e",
            "/roles;x=y",
            "/%72oles",
            "/roles/admin",
            "/roles/%61dmin",
            "/roles/admin/",
            "/roles/me/../admin",
            "/roles/user//",
            &user,
            &format!("{user}/"),
            &format!("{user}?user_id={}", ada.id),
        ] {
            let answer = world.send_as(&ada.token, method.clone(), path, &json!({})).await;
            let status = answer.status.as_u16();
            assert!([403, 404, 405].contains(&status), "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(admin.get(&world, "/roles").await.json().as_array().unwrap().len(), 1);
}
