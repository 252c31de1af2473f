//! What stops the start when the database is a server, and what is said then.

use crate::{
    database::{Database, name},
    engine::Engine,
    pair::place,
    place::free_port,
};

/// The one sentence that a start on this database ends with.
fn refusal(url: &str, settings: &[(&str, &str)]) -> String {
    let place = settings.iter().fold(place(url), |place, (name, text)| place.with(name, text));
    let output = place.run(&["serve"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!((output.stdout.len(), said.lines().count()), (0, 1), "{said}");
    assert!(!said.contains("hunter2"), "it tells the password: {said}");
    said
}

/// Whether each of these is in a sentence.
fn says(sentence: &str, parts: &[&str]) {
    for part in parts {
        assert!(sentence.contains(part), "no {part:?} in: {sentence}");
    }
}

async fn a_schema_of_a_newer_version(engine: Engine) {
    let database = Database::new(engine).await;
    assert!(place(database.url()).run(&["migrate"]).status.success());
    database
        .execute("INSERT INTO fastauth_migration (name) VALUES ('m20990101_000001_beyond')")
        .await;
    let said = refusal(database.url(), &[]);
    says(&said, &["newer version", "m20990101_000001_beyond", "start that version"]);
}

async fn a_schema_that_is_behind_and_may_not_be_changed(engine: Engine) {
    let database = Database::new(engine).await;
    let said = refusal(database.url(), &[("MIGRATE_ON_START", "false")]);
    says(&said, &["MIGRATE_ON_START is false", "run `fastauth migrate`"]);
    assert!(place(database.url()).run(&["migrate"]).status.success());
    place(database.url()).with("MIGRATE_ON_START", "false").start().stop();
}

async fn a_user_who_may_not_create_tables(engine: Engine) {
    let database = Database::new(engine).await;
    let user = name();
    database.create_reader(&user, "hunter2").await;
    let said = refusal(&database.url_as(&user, "hunter2"), &[]);
    says(&said, &["may not create tables", "grant it that right"]);
}

async fn a_password_that_is_wrong(engine: Engine) {
    let database = Database::new(engine).await;
    let said = refusal(&database.url_as("nobody_of_this_name", "hunter2"), &[]);
    says(&said, &["refuses the user or the password"]);
}

async fn a_database_that_is_not_there(engine: Engine) {
    let database = Database::new(engine).await;
    let said = refusal(&database.url_of("nowhere_at_all"), &[]);
    says(&said, &["it has no such database", "create it with CREATE DATABASE"]);
}

async fn a_server_that_is_not_there(engine: Engine) {
    let database = Database::new(engine).await;
    let said = refusal(&database.url_through(free_port()), &[]);
    says(&said, &["start it, or change the database URL"]);
}

on_servers! {
    a_schema_of_a_newer_version,
    a_schema_that_is_behind_and_may_not_be_changed,
    a_user_who_may_not_create_tables,
    a_password_that_is_wrong,
    a_database_that_is_not_there,
    a_server_that_is_not_there,
}
