//! The commands that look after accounts, beside a server on the same database.

use std::process::Output;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    client::{PASSWORD, credentials},
    mail,
    place::Place,
};

const ADA: &str = "ada@example.com";

/// What a command printed that did what it was asked for.
pub(crate) fn printed(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(output.status.success(), "{text}{errors}");
    text
}

/// The exit code of a command that could not, and what it said.
pub(crate) fn refused(output: &Output) -> (i32, String) {
    assert!(output.stdout.is_empty(), "{output:?}");
    (output.status.code().unwrap(), String::from_utf8(output.stderr.clone()).unwrap())
}

pub(crate) fn create(place: &Place, email: &str) -> Output {
    place.run_with(&["user", "create", "--email", email], &format!("{PASSWORD}\n"))
}

pub(crate) fn shown(place: &Place, whom: &str) -> Value {
    serde_json::from_str(&printed(&place.run(&["user", "show", whom, "--json"]))).unwrap()
}

fn sessions(place: &Place) -> Vec<Value> {
    let text = printed(&place.run(&["user", "sessions", ADA, "--json"]));
    let document: Value = serde_json::from_str(&text).unwrap();
    document["sessions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_account_that_is_made_on_the_command_line_is_signed_in_to_over_http() {
    let place = Place::new();
    let mut program = place.start();
    let said = printed(&create(&place, ADA));
    assert!(said.starts_with("ada@example.com has an account: "), "{said}");
    let tokens = program.client().login("Ada@Example.com").await;
    assert_eq!(program.client().me(&tokens).await, ADA);
    let account = shown(&place, ADA);
    assert_eq!(said.split_whitespace().last(), account["id"].as_str());
    assert_eq!((&account["is_verified"], &account["has_password"]), (&json!(false), &json!(true)));
    program.mail("Verify your email address", 1);
    program.stop();
}

#[test]
fn what_is_known_of_an_account_is_given_with_it() {
    let place = Place::new();
    let words =
        ["user", "create", "--email", ADA, "--name", "Ada Lovelace", "--verified", "--json"];
    let made = printed(&place.run_with(&words, "correct horse battery\r\n"));
    let account: Value = serde_json::from_str(&made).unwrap();
    assert_eq!(account, shown(&place, ADA));
    assert_eq!(account, shown(&place, account["id"].as_str().unwrap()));
    assert_eq!((&account["name"], &account["is_verified"]), (&json!("Ada Lovelace"), &json!(true)));
    let table = printed(&place.run(&["user", "show", ADA]));
    assert!(table.contains("\nName        Ada Lovelace\n"), "{table}");
}

#[tokio::test]
async fn whoever_is_invited_chooses_a_password_by_mail() {
    let place = Place::new();
    let mut program = place.start();
    printed(&place.run(&["user", "create", "--email", ADA, "--no-password", "--invite"]));
    assert_eq!(shown(&place, ADA)["has_password"], false);
    let (status, _) = program.client().post("/auth/login", &credentials(ADA)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let mail = program.mail("Choose a new password", 1);
    let body = json!({ "token": mail::token(&mail), "new_password": PASSWORD });
    let (status, answer) = program.client().post("/auth/password-reset/confirm", &body).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    program.client().login(ADA).await;
    assert_eq!(shown(&place, ADA)["is_verified"], true);
    program.stop();
}

#[test]
fn what_registering_refuses_is_refused_and_the_exit_code_says_so() {
    let place = Place::new();
    printed(&create(&place, ADA));
    let taken = refused(&create(&place, "ADA@example.com"));
    assert_eq!(taken, (4, "fastauth: the e-mail address is already registered.\n".to_owned()));
    let new = ["user", "create", "--email", "new@example.com"];
    let (code, error) = refused(&place.run_with(&new, "short\n"));
    assert_eq!(
        (code, error.as_str()),
        (4, "fastauth: the password must have at least 8 characters.\n")
    );
    let acme = place.with("PRODUCT_NAME", "Acme & Sons");
    for made_of in ["acme-sons 2026\n", "Ada Lovelace 1815\n"] {
        let words = new.into_iter().chain(["--name", "Ada Lovelace"]).collect::<Vec<_>>();
        let (code, error) = refused(&acme.run_with(&words, made_of));
        assert!(code == 4 && error.contains("your name or this product's name"), "{error}");
    }
    let (code, error) = refused(&acme.run_with(&new, ""));
    assert_eq!(code, 2);
    assert!(error.contains("add --no-password"), "{error}");
    assert_eq!(acme.run(&["user", "show", "new@example.com"]).status.code(), Some(3));
}

#[tokio::test]
async fn an_account_that_is_closed_is_signed_in_nowhere_until_it_is_opened_again() {
    let place = Place::new();
    let program = place.start();
    let client = program.client();
    let tokens = client.register(ADA).await;
    assert!(client.is_known(&tokens).await);
    printed(&place.run(&["user", "disable", ADA]));
    assert!(!client.is_known(&tokens).await);
    assert_eq!(client.post("/auth/login", &credentials(ADA)).await.0, StatusCode::UNAUTHORIZED);
    assert!(sessions(&place).is_empty());
    assert_eq!(shown(&place, ADA)["is_active"], false);
    assert!(printed(&place.run(&["user", "list"])).contains("  disabled  "));
    printed(&place.run(&["user", "enable", ADA]));
    assert!(!client.is_known(&tokens).await);
    client.login(ADA).await;
    program.stop();
}

#[tokio::test]
async fn an_account_is_deleted_only_by_somebody_who_means_it() {
    let place = Place::new();
    let program = place.start();
    let tokens = program.client().register(ADA).await;
    let delete = ["user", "delete", ADA];
    for slip in ["", "\n", "yes\n", "bea@example.com\n"] {
        let (code, error) = refused(&place.run_with(&delete, slip));
        assert_eq!(code, 4, "{error}");
        assert!(error.ends_with("that is not the address, and nothing is removed.\n"), "{error}");
    }
    assert!(program.client().is_known(&tokens).await);
    let said = printed(&place.run_with(&delete, "Ada@example.com\n"));
    assert_eq!(said, "Everything about ada@example.com is removed.\n");
    assert!(!program.client().is_known(&tokens).await);
    let gone = refused(&place.run(&["user", "delete", ADA, "--yes"]));
    assert_eq!(gone, (3, "fastauth: there is no account ada@example.com.\n".to_owned()));
    program.stop();
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_or_all() {
    let place = Place::new();
    let program = place.start();
    let client = program.client();
    let first = client.register(ADA).await;
    let newest = client.login(ADA).await;
    let listed = sessions(&place);
    assert_eq!(listed.len(), 2);
    let id = listed[0]["id"].as_str().unwrap();
    assert!(printed(&place.run(&["user", "sessions", ADA])).contains(id));
    printed(&place.run(&["user", "revoke", ADA, "--session", id]));
    assert!(client.is_known(&first).await && !client.is_known(&newest).await);
    let again = refused(&place.run(&["user", "revoke", ADA, "--session", id]));
    assert_eq!(again, (3, "fastauth: there is no such session.\n".to_owned()));
    printed(&place.run(&["user", "revoke", ADA]));
    assert!(!client.is_known(&first).await);
    let none = printed(&place.run(&["user", "sessions", ADA]));
    assert_eq!(none, "ada@example.com is signed in nowhere.\n");
    program.stop();
}

#[test]
fn accounts_are_listed_page_by_page() {
    let place = Place::new();
    assert_eq!(printed(&place.run(&["user", "list"])), "There are no accounts.\n");
    for name in ["a", "b", "c"] {
        let email = format!("{name}@example.com");
        printed(&place.run(&["user", "create", "--email", &email, "--no-password"]));
    }
    let listed = |more: &[&str]| {
        let words = [&["user", "list", "--limit", "2", "--json"], more].concat();
        let text = printed(&place.run(&words));
        let accounts = text.lines().map(|line| serde_json::from_str(line).unwrap());
        accounts.collect::<Vec<Value>>()
    };
    let first = listed(&[]);
    let last = first[1]["id"].as_str().unwrap();
    let rest = listed(&["--after", last]);
    let emails = first.iter().chain(&rest).map(|it| it["email"].as_str().unwrap());
    assert_eq!(emails.collect::<Vec<_>>(), ["a@example.com", "b@example.com", "c@example.com"]);
    let table = printed(&place.run(&["user", "list", "--limit", "2"]));
    assert!(
        table.starts_with("ID  ") && table.ends_with(&format!("add --after {last}\n")),
        "{table}"
    );
}

#[test]
fn who_is_not_there_is_told_from_what_is_no_name() {
    let place = Place::new();
    let unknown = "01a2076e-f59e-7023-b05c-184f3a938aca";
    for command in ["show", "disable", "enable", "delete", "sessions", "revoke"] {
        let (code, error) = refused(&place.run(&["user", command, unknown]));
        assert_eq!((code, error), (3, format!("fastauth: there is no account {unknown}.\n")));
        let (code, error) = refused(&place.run(&["user", command, "nobody"]));
        assert_eq!(code, 2);
        assert!(error.contains("neither an e-mail address nor an id"), "{error}");
    }
}

#[test]
fn a_database_in_the_memory_of_a_server_is_out_of_reach() {
    let place = Place::new().with("DATABASE_URL", "memory://");
    for words in [&["user", "list"][..], &["audit", "tail"]] {
        let (code, error) = refused(&place.run(words));
        assert_eq!((code, error.lines().count()), (2, 1), "{error}");
        assert!(error.starts_with("fastauth: DATABASE_URL is memory://, so that"), "{error}");
    }
}

#[test]
fn a_password_is_never_an_argument_and_never_shown() {
    let place = Place::new().with("LOG", "trace");
    let words = ["user", "create", "--email", ADA, "--password", PASSWORD];
    let output = place.run(&words);
    assert_eq!(output.status.code(), Some(2));
    let mut outputs = vec![output, create(&place, ADA), create(&place, ADA)];
    for words in [
        &["user", "show", ADA][..],
        &["user", "show", ADA, "--json"],
        &["user", "list", "--json"],
        &["audit", "tail", "--json"],
    ] {
        outputs.push(place.run(words));
    }
    for output in outputs {
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains(PASSWORD) && !text.contains("$argon2"), "{text}");
    }
}

#[tokio::test]
async fn what_people_call_themselves_does_nothing_to_a_terminal() {
    let place = Place::new();
    let program = place.start();
    let name = "Ada \u{202e}ecalevoL";
    let mut body = credentials(ADA);
    body["name"] = json!(name);
    let (status, _) = program.client().post("/auth/register", &body).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(printed(&place.run(&["user", "list"])).ends_with("  Ada �ecalevoL\n"));
    let json = printed(&place.run(&["user", "show", ADA, "--json"]));
    assert!(json.is_ascii(), "{json}");
    assert_eq!(shown(&place, ADA)["name"], name);
    program.stop();
}
