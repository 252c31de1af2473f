//! The commands beside `serve`.

use std::{fs, os::unix::fs::PermissionsExt, process::Output};

use crate::place::Place;

/// What a command printed that did what it was asked for.
fn printed(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(output.status.success(), "{text}{errors}");
    text
}

#[test]
fn the_version_is_told() {
    let version = concat!("fastauth ", env!("CARGO_PKG_VERSION"), "\n");
    let place = Place::new();
    assert_eq!(printed(&place.run(&["version"])), version);
    assert_eq!(printed(&place.run(&["--version"])), version);
}

#[test]
fn help_tells_of_every_setting() {
    let help = printed(&Place::new().run(&["--help"]));
    for setting in ["DATABASE_URL", "REFRESH_REUSE_INTERVAL_SECONDS [10]", "SMTP_FROM_EMAIL"] {
        assert!(help.contains(setting), "{setting}: {help}");
    }
}

#[test]
fn the_reference_pages_are_what_the_program_says_of_itself() {
    let (place, docs) =
        (Place::new(), concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference"));
    for (page, command) in [
        ("settings.md", &["config", "reference"] as &[_]),
        ("problems.md", &["config", "problems"]),
        ("openapi.json", &["openapi"]),
    ] {
        let is_current =
            fs::read_to_string(format!("{docs}/{page}")).unwrap() == printed(&place.run(command));
        assert!(is_current, "{page} is stale: run `cargo xtask docs`");
    }
}

#[test]
fn a_command_that_there_is_not_is_answered_with_the_ones_there_are() {
    let output = Place::new().run(&["migrat"]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(errors.contains("'migrate'"), "{errors}");
}

#[test]
fn migrating_brings_the_database_up_to_date_and_again_does_nothing() {
    let place = Place::new();
    let first = printed(&place.run(&["migrate"]));
    assert!(first.starts_with("applied ") && first.ends_with("up to date now.\n"), "{first}");
    assert!(place.path("fastauth.db").exists() && !place.path("fastauth.key").exists());
    assert_eq!(printed(&place.run(&["migrate"])), "The database is up to date.\n");
}

#[test]
fn the_plan_of_a_migration_is_printed_and_nothing_is_changed() {
    let place = Place::new();
    let plan = printed(&place.run(&["migrate", "plan"]));
    assert!(plan.starts_with("-- m") && plan.contains("CREATE TABLE"), "{plan}");
    let status = printed(&place.run(&["migrate", "status"]));
    assert!(status.lines().all(|line| line.starts_with("pending  m")), "{status}");
    place.run(&["migrate"]);
    let status = printed(&place.run(&["migrate", "status"]));
    assert!(status.lines().all(|line| line.starts_with("applied  m")), "{status}");
    assert_eq!(printed(&place.run(&["migrate", "plan"])), "-- The database is up to date.\n");
}

#[test]
fn a_generated_secret_is_accepted_and_another_each_time() {
    let place = Place::new();
    let secret = printed(&place.run(&["keys", "generate"]));
    assert_ne!(secret, printed(&place.run(&["keys", "generate"])));
    let place = place.with("HOST", "0.0.0.0").with("SECRET_KEY", secret.trim_end());
    printed(&place.run(&["config", "check"]));
}

#[test]
fn a_generated_secret_is_kept_in_a_new_file_for_its_owner_only() {
    let place = Place::new();
    let said = printed(&place.run(&["keys", "generate", "--out", "secret.txt"]));
    assert_eq!(said, "The secret is in secret.txt.\n");
    let path = place.path("secret.txt");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let secret = fs::read(&path).unwrap();
    let again = place.run(&["keys", "generate", "--out", "secret.txt"]);
    assert_eq!(
        String::from_utf8(again.stderr).unwrap(),
        "fastauth: secret.txt exists and is left as it is: name another file, or remove it.\n"
    );
    assert_eq!((again.status.code(), fs::read(&path).unwrap()), (Some(1), secret));
    let place = place.with("HOST", "0.0.0.0").with("SECRET_KEY_FILE", "secret.txt");
    printed(&place.run(&["config", "check"]));
}

#[test]
fn checking_the_settings_shows_what_counts_and_hides_secrets() {
    const SECRET: &str = "oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa";
    let place = Place::new()
        .with_file("fastauth.toml", "log_format = \"json\"")
        .with_file(".env", &format!("SECRET_KEY={SECRET}"));
    let said = printed(&place.run(&["config", "check"]));
    let line = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(&format!("{name} "))).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line("LOG_FORMAT"), "LOG_FORMAT json fastauth.toml");
    assert_eq!(line("PORT"), format!("PORT {} the environment", place.port));
    assert_eq!(line("SECRET_KEY"), "SECRET_KEY (hidden) .env");
    assert_eq!(line("HOST"), "HOST 127.0.0.1 the defaults");
    assert!(!said.contains(SECRET));
}

#[test]
fn checking_the_settings_tells_of_the_key_file_and_makes_none() {
    let place = Place::new();
    let said = printed(&place.run(&["config", "check"]));
    assert!(said.ends_with("The first start makes a secret and keeps it in fastauth.key.\n"));
    assert_eq!(fs::read_dir(place.folder()).unwrap().count(), 0);
}

#[test]
fn the_openapi_document_and_the_references_are_printed() {
    let place = Place::new();
    let document: serde_json::Value =
        serde_json::from_str(&printed(&place.run(&["openapi"]))).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert!(document["paths"]["/auth/register"].is_object());
    assert!(printed(&place.run(&["config", "reference"])).contains("| `HOST` | `127.0.0.1` |"));
    assert!(printed(&place.run(&["config", "problems"])).contains("invalid_credentials"));
}

#[test]
fn calibrating_prints_settings_that_a_server_starts_with() {
    let text = printed(&Place::new().run(&["calibrate", "--target", "10"]));
    let settings: Vec<_> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let place = settings.iter().fold(Place::new(), |place, (name, value)| place.with(name, value));
    let named: Vec<_> = settings.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, ["ARGON2_MEMORY_KIB", "ARGON2_ITERATIONS", "ARGON2_PARALLELISM"]);
    printed(&place.run(&["config", "check"]));
    let refused = Place::new().run(&["calibrate", "--target", "5"]);
    assert_eq!(refused.status.code(), Some(2));
}
