//! The commands that say who may do what, beside a server on the same database.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    client::PASSWORD,
    place::Place,
    users::{create, printed, refused, shown},
};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

fn role(place: &Place, words: &[&str]) -> String {
    printed(&place.run(&[&["role"], words].concat()))
}

fn refusal(place: &Place, words: &[&str]) -> (i32, String) {
    refused(&place.run(&[&["role"], words].concat()))
}

#[tokio::test]
async fn the_first_administrator_is_made_on_the_command_line_and_manages_roles_over_http() {
    let place = Place::new();
    let program = place.start();
    let client = program.client();
    let [ada, bob] = [client.register(ADA).await, client.register(BOB).await];
    for tokens in [&ada, &bob] {
        assert_eq!(client.get_as(tokens, "/roles").await.0, StatusCode::FORBIDDEN);
    }
    for _again in 0..2 {
        assert_eq!(role(&place, &["grant", "admin", ADA]), "ada@example.com has the role admin.\n");
    }
    let (status, roles) = client.get_as(&ada, "/roles").await;
    assert_eq!(status, StatusCode::OK);
    assert!(roles.contains("roles:manage"), "{roles}");
    assert_eq!(client.get_as(&bob, "/roles").await.0, StatusCode::FORBIDDEN);
    let account = shown(&place, ADA);
    assert_eq!(account["roles"], json!(["admin"]));
    assert_eq!(account["permissions"], json!(["roles:manage"]));
    program.stop();
}

#[test]
fn an_account_is_made_with_its_role_or_not_at_all() {
    let place = Place::new();
    let make = |role| {
        let words = ["user", "create", "--email", ADA, "--role", role, "--json"];
        place.run_with(&words, &format!("{PASSWORD}\n"))
    };
    let (code, error) = refused(&make("editor"));
    assert_eq!((code, error.as_str()), (3, "fastauth: there is no role of this name.\n"));
    assert_eq!(place.run(&["user", "show", ADA]).status.code(), Some(3));
    let made: Value = serde_json::from_str(&printed(&make("admin"))).unwrap();
    assert_eq!(made["roles"], json!(["admin"]));
    assert_eq!(made, shown(&place, ADA));
}

#[test]
fn a_role_is_created_changed_given_taken_and_deleted() {
    let place = Place::new();
    printed(&create(&place, ADA));
    assert_eq!(role(&place, &["list"]), "There are no roles.\n");
    role(&place, &["create", "editor", "posts:read"]);
    role(&place, &["permit", "editor", "posts:write", "posts:read"]);
    role(&place, &["grant", "editor", ADA]);
    assert_eq!(shown(&place, ADA)["permissions"], json!(["posts:read", "posts:write"]));
    role(&place, &["forbid", "editor", "posts:write"]);
    let listed: Value = serde_json::from_str(&role(&place, &["list", "--json"])).unwrap();
    assert_eq!(listed, json!({ "name": "editor", "permissions": ["posts:read"] }));
    assert_eq!(role(&place, &["list"]), "ROLE    PERMISSIONS\neditor  posts:read\n");
    role(&place, &["revoke", "editor", ADA]);
    assert_eq!(shown(&place, ADA)["roles"], json!([]));
    role(&place, &["grant", "editor", ADA]);
    role(&place, &["delete", "editor"]);
    assert_eq!(shown(&place, ADA)["roles"], json!([]));
}

#[test]
fn what_is_not_there_or_against_a_rule_is_told_by_the_exit_code() {
    let place = Place::new();
    printed(&create(&place, ADA));
    role(&place, &["grant", "admin", ADA]);
    for words in [
        &["grant", "editor", ADA][..],
        &["grant", "admin", "nobody@example.com"],
        &["revoke", "editor", ADA],
        &["permit", "editor", "posts:read"],
        &["delete", "editor"],
    ] {
        assert_eq!(refusal(&place, words).0, 3, "{words:?}");
    }
    for words in [
        &["create", "admin"][..],
        &["revoke", "admin", ADA],
        &["forbid", "admin", "roles:manage"],
        &["delete", "admin"],
    ] {
        assert_eq!(refusal(&place, words).0, 4, "{words:?}");
    }
    for words in [
        &["create", "Editor"][..],
        &["permit", "admin"],
        &["permit", "admin", "posts"],
        &["grant", "admin"],
    ] {
        assert_eq!(refusal(&place, words).0, 2, "{words:?}");
    }
    for command in [&["user", "disable", ADA][..], &["user", "delete", ADA, "--yes"]] {
        let (code, error) = refused(&place.run(command));
        assert_eq!(code, 4, "{error}");
        assert!(error.contains("nobody would be left who may manage roles"), "{error}");
    }
}
