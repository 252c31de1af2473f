use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{EMAIL, PASSWORD, World};

#[tokio::test]
async fn everybody_sees_what_happened_to_their_own_account_and_nothing_else() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    world.register("bob@example.com").await;
    for password in ["wrong password", PASSWORD] {
        world.clock.advance(std::time::Duration::from_secs(1));
        world.login(EMAIL, password).await;
    }
    let all = world.get_as(&access, "/account/activity").await.json();
    let told = |event: &Value| format!("{} {}", event["event"], event["result"]).replace('"', "");
    let told: Vec<_> = all["events"].as_array().unwrap().iter().map(told).collect();
    assert_eq!(told, ["signed_in success", "sign_in_refused refused", "registered success"]);
    let newest = world.get_as(&access, "/account/activity?limit=1").await.json();
    assert_eq!(newest["events"], json!([all["events"][0]]));
    let before =
        format!("/account/activity?before={}", newest["events"][0]["id"].as_str().unwrap());
    let earlier = world.get_as(&access, &before).await.json();
    assert_eq!(earlier["events"], json!([all["events"][1], all["events"][2]]));
    let malformed = world.get_as(&access, "/account/activity?before=x").await;
    assert_eq!(malformed.outcome(), "422 validation_failed");
}

#[tokio::test]
async fn a_query_or_a_path_that_cannot_be_read_is_422_and_says_what_is_wrong() {
    let world = World::open();
    let access = world.register(EMAIL).await.member("access_token");
    for (method, path, field, detail) in [
        (Method::GET, "/account/activity?limit=x", "query", "limit: invalid digit"),
        (Method::GET, "/account/activity?limit=1&limit=2", "query", "duplicate field `limit`"),
        (Method::GET, "/account/activity?limit=-1", "query", "limit: invalid digit"),
        (Method::DELETE, "/sessions/all?keep_current=", "query", "keep_current: provided string"),
        (Method::POST, "/sessions/revoke-all?keep_current=1", "query", "keep_current: provided"),
        (Method::DELETE, "/sessions/%FF", "id", "must be a UUID"),
    ] {
        let refused = world.send_as(&access, method, path, &Value::Null).await;
        assert_eq!(refused.outcome(), "422 validation_failed", "{path}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{path}");
        assert!(refused.member("detail").contains(detail), "{refused:?}");
    }
    assert_eq!(world.me(&access).await.status, 200, "nothing has ended");
}
