//! Permissions and roles that the routes of an embedding program ask for.

use axum::{
    Router,
    http::{Method, header},
    routing::get,
};
use fastauth_application::roles::Actor;
use fastauth_domain::role::{Permission, Role, RoleName};
use fastauth_http::{
    CurrentUser, RequirePermission, RequireRole, RequiredPermission, RequiredRole,
};
use serde_json::Value;

use crate::{
    roles::Person,
    world::{Answer, World},
};

struct CanPublish;

impl RequiredPermission for CanPublish {
    const PERMISSION: Permission = Permission::from_static("posts:publish");
}

struct Editor;

impl RequiredRole for Editor {
    const ROLE: RoleName = RoleName::from_static("editor");
}

async fn publish(author: RequirePermission<CanPublish>) -> String {
    format!("published by {}", author.caller.account.email)
}

async fn desk(editor: RequireRole<Editor>) -> String {
    format!("{} may do {} things", editor.caller.account.email, editor.rights.permissions.len())
}

async fn hello(CurrentUser(caller): CurrentUser) -> String {
    format!("hello {}", caller.account.email)
}

/// A program of somebody's own, with FastAuth mounted.
fn embedded() -> World {
    let mut world = World::open();
    let own = Router::new()
        .route("/publish", get(publish))
        .route("/desk", get(desk))
        .route("/hello", get(hello))
        .with_state(world.use_cases.authorization());
    world.router = own.merge(fastauth_http::auth_router(&world.use_cases));
    world
}

async fn define(world: &World, name: &'static str, permissions: &[&'static str]) {
    let permissions = permissions.iter().map(|text| Permission::from_static(text)).collect();
    let role = Role { name: RoleName::from_static(name), permissions };
    let defined = world.use_cases.roles.create(&role, &Actor::default()).await;
    assert!(defined.is_ok(), "{defined:?}");
}

fn assert_denied(answer: &Answer, what: &str) {
    assert_eq!(answer.outcome(), "403 permission_denied", "{answer:?}");
    assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer error=\"insufficient_scope\"");
    assert_eq!(answer.member("detail"), format!("this needs the {what}"));
}

#[tokio::test]
async fn a_route_is_for_those_who_have_the_permission_by_any_role() {
    let world = embedded();
    let ada = Person::new(&world, "ada").await;
    // Whoever has every permission is an administrator, and must not be the last one.
    Person::administrator(&world, "admin").await;
    let roles = &world.use_cases.roles;
    for (name, permissions, may) in [
        ("reader", &["posts:read", "publish:posts"][..], false),
        ("publisher", &["posts:publish"], true),
        ("editor", &["posts:*"], true),
        ("root", &["*:*"], true),
    ] {
        define(&world, name, permissions).await;
        let name = RoleName::from_static(name);
        assert_denied(&ada.get(&world, "/publish").await, "permission posts:publish");
        roles.assign(ada.account(), &name, &Actor::default()).await.unwrap();
        let answer = ada.get(&world, "/publish").await;
        if may {
            assert_eq!(answer.body, "published by ada@example.com");
        } else {
            assert_denied(&answer, "permission posts:publish");
        }
        roles.revoke(ada.account(), &name, &Actor::default()).await.unwrap();
    }
}

#[tokio::test]
async fn a_route_is_for_those_who_have_the_role_and_for_nobody_else() {
    let world = embedded();
    let ada = Person::new(&world, "ada").await;
    let roles = &world.use_cases.roles;
    define(&world, "editor", &[]).await;
    define(&world, "root", &["*:*"]).await;
    roles.assign(ada.account(), &RoleName::from_static("root"), &Actor::default()).await.unwrap();
    assert_denied(&ada.get(&world, "/desk").await, "role editor");
    roles.assign(ada.account(), &RoleName::from_static("editor"), &Actor::default()).await.unwrap();
    assert_eq!(ada.get(&world, "/desk").await.body, "ada@example.com may do 1 things");
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_told_to_sign_in_first() {
    let world = embedded();
    for path in ["/publish", "/desk", "/hello"] {
        assert_eq!(world.get(path).await.outcome(), "401 not_authenticated");
        let answer = world.send_as("nonsense", Method::GET, path, &Value::Null).await;
        assert_eq!(answer.outcome(), "401 invalid_token");
    }
}

#[tokio::test]
async fn one_state_serves_those_who_ask_for_nothing_as_well() {
    let world = embedded();
    let ada = Person::new(&world, "ada").await;
    assert_eq!(ada.get(&world, "/hello").await.body, "hello ada@example.com");
}
