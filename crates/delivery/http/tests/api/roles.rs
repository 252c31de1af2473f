//! Managing roles.

use axum::http::{Method, header};
use fastauth_application::roles::Actor;
use fastauth_domain::{
    audit::{Detail, EventKind},
    identifier::AccountId,
    role::RoleName,
};
use serde_json::{Value, json};

use crate::world::{Answer, PASSWORD, World};

/// Somebody who is signed in.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Person {
    /// Registers somebody.
    pub(crate) async fn new(world: &World, name: &str) -> Self {
        let token = world.register(&format!("{name}@example.com")).await.member("access_token");
        Self { id: world.me(&token).await.member("id"), token }
    }

    /// Registers somebody who is made an administrator by whoever runs the server.
    pub(crate) async fn administrator(world: &World, name: &str) -> Self {
        let person = Self::new(world, name).await;
        let roles = &world.use_cases.roles;
        roles.make_administrator(person.account(), &Actor::default()).await.unwrap();
        person
    }

    pub(crate) fn account(&self) -> AccountId {
        self.id.parse().unwrap()
    }

    pub(crate) async fn get(&self, world: &World, path: &str) -> Answer {
        world.send_as(&self.token, Method::GET, path, &Value::Null).await
    }

    pub(crate) async fn post(&self, world: &World, path: &str, body: &Value) -> Answer {
        world.send_as(&self.token, Method::POST, path, body).await
    }

    pub(crate) async fn delete(&self, world: &World, path: &str, body: &Value) -> Answer {
        world.send_as(&self.token, Method::DELETE, path, body).await
    }

    /// What may be done with a role of this person.
    fn with_role(&self, role: &str) -> Value {
        json!({ "user_id": self.id, "role_name": role })
    }
}

fn listing(permissions: &[&str]) -> Value {
    json!({ "permissions": permissions })
}

#[tokio::test]
async fn a_role_lives_and_counts_at_once() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    let ada = Person::new(&world, "ada").await;
    let editor = json!({ "name": "editor", "permissions": ["posts:edit", "posts:edit"] });
    let created = admin.post(&world, "/roles", &editor).await;
    assert_eq!(created.status, 201);
    assert_eq!(created.json(), json!({ "name": "editor", "permissions": ["posts:edit"] }));
    let assigned = admin.post(&world, "/roles/assign", &ada.with_role("editor")).await;
    assert_eq!((assigned.status.as_u16(), assigned.member("message").is_empty()), (200, false));
    let mine = async || ada.get(&world, "/roles/me").await.json();
    let rights = |roles: Value, permissions: Value| json!({ "user_id": ada.id, "roles": roles, "permissions": permissions });
    assert_eq!(mine().await, rights(json!(["editor"]), json!(["posts:edit"])));
    let path = "/roles/editor/permissions";
    assert_eq!(admin.post(&world, path, &listing(&["posts:*"])).await.status, 200);
    assert_eq!(mine().await, rights(json!(["editor"]), json!(["posts:*", "posts:edit"])));
    assert_eq!(admin.delete(&world, path, &listing(&["posts:edit"])).await.status, 200);
    assert_eq!(mine().await, rights(json!(["editor"]), json!(["posts:*"])));
    let theirs = admin.get(&world, &format!("/roles/user/{}", ada.id)).await;
    assert_eq!(theirs.json(), mine().await);
    assert_eq!(theirs.header(header::CACHE_CONTROL), "no-store");
    assert_eq!(admin.post(&world, "/roles/revoke", &ada.with_role("editor")).await.status, 200);
    assert_eq!(mine().await, rights(json!([]), json!([])));
    let all = admin.get(&world, "/roles").await.json();
    let expected = json!([
        { "name": "admin", "permissions": ["roles:manage"] },
        { "name": "editor", "permissions": ["posts:*"] },
    ]);
    assert_eq!(all, expected);
    assert_eq!(admin.delete(&world, "/roles/editor", &Value::Null).await.status, 200);
    assert_eq!(admin.get(&world, "/roles").await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn repeating_a_change_is_no_error() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    let ada = Person::new(&world, "ada").await;
    admin.post(&world, "/roles", &json!({ "name": "editor" })).await;
    let before = world.store.audit_events().len();
    for _ in 0..3 {
        let path = "/roles/editor/permissions";
        assert_eq!(admin.post(&world, path, &listing(&["posts:edit"])).await.status, 200);
        let body = ada.with_role("editor");
        assert_eq!(admin.post(&world, "/roles/assign", &body).await.status, 200);
    }
    for _ in 0..3 {
        let path = "/roles/editor/permissions";
        assert_eq!(admin.delete(&world, path, &listing(&["posts:edit"])).await.status, 200);
        let body = ada.with_role("editor");
        assert_eq!(admin.post(&world, "/roles/revoke", &body).await.status, 200);
    }
    assert_eq!(world.store.audit_events().len(), before + 4, "what changes nothing is no event");
    let again = admin.post(&world, "/roles", &json!({ "name": "editor" })).await;
    assert_eq!(again.outcome(), "409 role_already_exists");
}

#[tokio::test]
async fn what_is_not_there_is_404() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    let unknown = "0193a2b4-0000-7000-8000-000000000000";
    let nobody = json!({ "user_id": unknown, "role_name": "admin" });
    let permissions = listing(&["posts:edit"]);
    for (answer, outcome) in [
        (admin.delete(&world, "/roles/unknown", &Value::Null).await, "404 role_not_found"),
        (
            admin.post(&world, "/roles/unknown/permissions", &permissions).await,
            "404 role_not_found",
        ),
        (
            admin.delete(&world, "/roles/unknown/permissions", &permissions).await,
            "404 role_not_found",
        ),
        (
            admin.post(&world, "/roles/assign", &admin.with_role("unknown")).await,
            "404 role_not_found",
        ),
        (
            admin.post(&world, "/roles/revoke", &admin.with_role("unknown")).await,
            "404 role_not_found",
        ),
        (admin.post(&world, "/roles/assign", &nobody).await, "404 user_not_found"),
        (admin.post(&world, "/roles/revoke", &nobody).await, "404 user_not_found"),
        (admin.get(&world, &format!("/roles/user/{unknown}")).await, "404 user_not_found"),
    ] {
        assert_eq!(answer.outcome(), outcome);
    }
}

#[tokio::test]
async fn the_last_administrator_stays_one_whichever_way_it_is_tried() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    let ada = Person::new(&world, "ada").await;
    let withdrawn = listing(&["roles:manage"]);
    let tries = async || {
        [
            admin.post(&world, "/roles/revoke", &admin.with_role("admin")).await,
            admin.delete(&world, "/roles/admin/permissions", &withdrawn).await,
            admin.delete(&world, "/roles/admin", &Value::Null).await,
        ]
    };
    for answer in tries().await {
        assert_eq!(answer.outcome(), "409 last_administrator");
    }
    for hard_delete in [false, true] {
        let body = json!({ "password": PASSWORD, "hard_delete": hard_delete });
        let left = admin.delete(&world, "/account/delete", &body).await;
        assert_eq!(left.outcome(), "409 last_administrator");
    }
    // By another role: then the first one can go.
    let root = json!({ "name": "root", "permissions": ["*:*"] });
    assert_eq!(admin.post(&world, "/roles", &root).await.status, 201);
    for answer in tries().await {
        assert_eq!(answer.outcome(), "409 last_administrator", "nobody has the other role yet");
    }
    assert_eq!(admin.post(&world, "/roles/assign", &ada.with_role("root")).await.status, 200);
    let removed = admin.post(&world, "/roles/revoke", &admin.with_role("admin")).await;
    assert_eq!(removed.status, 200);
    assert_eq!(admin.get(&world, "/roles").await.outcome(), "403 permission_denied");
    assert_eq!(ada.get(&world, "/roles").await.status, 200);
    let last = ada.post(&world, "/roles/revoke", &ada.with_role("root")).await;
    assert_eq!(last.outcome(), "409 last_administrator");
    // Whoever is not the last may leave.
    let body = json!({ "password": PASSWORD, "hard_delete": true });
    assert_eq!(admin.delete(&world, "/account/delete", &body).await.status, 200);
}

#[tokio::test]
async fn every_change_tells_who_did_it_and_whom_it_concerns() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    let ada = Person::new(&world, "ada").await;
    let before = world.store.audit_events().len();
    let editor = json!({ "name": "editor", "permissions": ["posts:edit"] });
    admin.post(&world, "/roles", &editor).await;
    admin.post(&world, "/roles/assign", &ada.with_role("editor")).await;
    admin.post(&world, "/roles/revoke", &ada.with_role("editor")).await;
    admin.delete(&world, "/roles/editor/permissions", &listing(&["posts:edit"])).await;
    admin.delete(&world, "/roles/editor", &Value::Null).await;
    let events = world.store.audit_events().split_off(before);
    assert!(events.iter().all(|event| event.actor == Some(admin.account())), "{events:?}");
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.kind, event.account, event.detail.as_ref().map_or("", Detail::as_str)))
        .collect();
    let whom = Some(ada.account());
    assert_eq!(
        told,
        [
            (EventKind::RoleCreated, None, "editor"),
            (EventKind::RolePermissionGranted, None, "editor posts:edit"),
            (EventKind::RoleAssigned, whom, "editor"),
            (EventKind::RoleRevoked, whom, "editor"),
            (EventKind::RolePermissionWithdrawn, None, "editor posts:edit"),
            (EventKind::RoleDeleted, None, "editor"),
        ]
    );
}

#[tokio::test]
async fn nobody_gives_themselves_rights_with_their_account() {
    let world = World::open();
    let body = json!({
        "email": "eve@example.com", "password": PASSWORD, "role": "admin", "roles": ["admin"],
        "role_name": "admin", "permissions": ["*:*"], "is_admin": true,
    });
    Person::administrator(&world, "admin").await;
    let answer = world.post("/auth/register", &body).await;
    let token = answer.member("access_token");
    let eve = Person { id: world.me(&token).await.member("id"), token };
    assert_eq!(eve.get(&world, "/roles/me").await.json()["roles"], json!([]));
    let own = eve.post(&world, "/roles/assign", &eve.with_role("admin")).await;
    assert_eq!(own.outcome(), "403 permission_denied");
}

#[tokio::test]
async fn new_accounts_get_the_default_role_for_as_long_as_it_is_there() {
    const MEMBER: RoleName = RoleName::from_static("member");
    let world = World::giving(MEMBER);
    let roles = async |name| {
        let person = Person::new(&world, name).await;
        person.get(&world, "/roles/me").await.json()["roles"].clone()
    };
    assert_eq!(roles("ada").await, json!([]));
    for _ in 0..2 {
        world.use_cases.roles.ensure(&MEMBER).await.unwrap();
    }
    assert_eq!(roles("bob").await, json!(["member"]));
    world.use_cases.roles.delete(&MEMBER, &Actor::default()).await.unwrap();
    assert_eq!(roles("cleo").await, json!([]));
}

#[tokio::test]
async fn a_change_that_could_not_be_stored_is_503_and_can_be_repeated() {
    let world = World::open();
    let admin = Person::administrator(&world, "admin").await;
    let editor = json!({ "name": "editor", "permissions": ["posts:edit"] });
    for (path, body, status) in
        [("/roles", editor, 201), ("/roles/assign", admin.with_role("editor"), 200)]
    {
        let before = world.store.audit_events().len();
        world.fault.fail_write(1);
        assert_eq!(admin.post(&world, path, &body).await.outcome(), "503 unavailable");
        assert_eq!(world.store.audit_events().len(), before);
        assert_eq!(admin.post(&world, path, &body).await.status, status);
    }
}
