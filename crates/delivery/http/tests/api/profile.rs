use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{EMAIL, World};

const PATH: &str = "/account/profile";

#[tokio::test]
async fn a_profile_is_shown_and_changed_by_what_is_given() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    let mut expected = world.me(&access).await.json();
    assert_eq!(world.get_as(&access, PATH).await.json(), expected);
    for (change, member, value) in [
        (json!({ "name": "Ada" }), "name", json!("Ada")),
        (
            json!({ "image": "https://example.com/a.png" }),
            "image",
            json!("https://example.com/a.png"),
        ),
        (json!({ "name": null }), "name", Value::Null),
        (json!({}), "name", Value::Null),
    ] {
        let changed = world.send_as(&access, Method::PATCH, PATH, &change).await;
        expected[member] = value;
        assert_eq!((changed.status.as_u16(), changed.json()), (200, expected.clone()));
        assert_eq!(world.get_as(&access, PATH).await.json(), expected);
    }
}

#[tokio::test]
async fn nothing_but_name_and_picture_can_be_changed() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    let before = world.me(&access).await.json();
    let wishes = json!({
        "id": "01a2076e-f59e-7023-b05c-184f3a938aca", "email": "other@example.com",
        "is_verified": true, "is_active": false, "roles": ["admin"], "role": "admin",
        "permissions": ["*"], "password": "anotherpassword1", "created_at": "2000-01-01T00:00:00Z",
        "profile": { "is_verified": true },
    });
    let answer = world.send_as(&access, Method::PATCH, PATH, &wishes).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, before));
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_and_changes_nothing() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    let before = world.me(&access).await.json();
    for (bad, code) in [
        (json!({ "name": "" }), "invalid_name"),
        (json!({ "name": "a\r\nb" }), "invalid_name"),
        (json!({ "name": 7 }), "invalid_type"),
        (json!({ "image": "javascript:alert(1)" }), "invalid_image"),
        (json!({ "name": "Ada", "image": "data:image/png;base64,AA" }), "invalid_image"),
    ] {
        let refused = world.send_as(&access, Method::PATCH, PATH, &bad).await;
        assert_eq!(refused.outcome(), "422 validation_failed", "{bad}");
        assert_eq!(refused.json()["errors"][0]["code"], code, "{bad}");
    }
    assert_eq!(world.me(&access).await.json(), before);
}
