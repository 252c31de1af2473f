//! What stops the start, and what is said then.

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
};

use crate::place::{Place, free_port};

const SECRET: &str = "oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa";

/// How a start ended that could not succeed: its exit code, and what it said.
fn refusal(place: &Place) -> (i32, String) {
    let output = place.run(&["serve"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "", "it should have stopped before");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The one sentence that a start with wrong settings ends with.
fn settings_refusal(place: &Place) -> String {
    let (code, said) = refusal(place);
    assert_eq!((code, said.lines().count()), (2, 1), "{said}");
    said
}

/// The one sentence that a start ends with whose settings are right.
fn other_refusal(place: &Place) -> String {
    let (code, said) = refusal(place);
    assert_eq!((code, said.lines().count()), (1, 1), "{said}");
    said
}

#[test]
fn a_database_url_of_no_database() {
    assert_eq!(
        settings_refusal(&Place::new().with("DATABASE_URL", "oracle://ada:secret@db/x")),
        "fastauth: DATABASE_URL in the environment is oracle://(hidden)@db/x: it must be \
         sqlite://<file>?mode=rwc (which creates the file), sqlite://<file>, \
         postgres://<user>:<password>@<host>/<database>, \
         mysql://<user>:<password>@<host>/<database>, or memory://.\n"
    );
}

#[test]
fn a_database_that_instances_share_without_a_secret_that_they_share() {
    assert_eq!(
        settings_refusal(&Place::new().with("DATABASE_URL", "postgres://ada:secret@db/x")),
        "fastauth: SECRET_KEY is not set, and DATABASE_URL postgres://(hidden)@db/x can be shared by \
         several instances: set it, the same for every instance, to what `fastauth keys generate` \
         prints, or set SECRET_KEY_FILE to a file that holds it.\n"
    );
}

#[test]
fn a_database_on_another_machine_that_anybody_may_log_in_to() {
    let place = Place::new().with("SECRET_KEY", SECRET);
    assert_eq!(
        other_refusal(&place.with("DATABASE_URL", "postgres://ada@db.example.com/fastauth")),
        "fastauth: DATABASE_URL cannot be used: the database server db.example.com is on another \
         machine, and the database URL has neither a password nor TLS; give it both: a password, \
         and ?sslmode=verify-full at its end.\n"
    );
}

#[test]
fn a_database_that_is_behind_and_may_not_be_migrated_at_the_start() {
    let place = Place::new().with("MIGRATE_ON_START", "false");
    assert_eq!(
        other_refusal(&place),
        "fastauth: the database lacks the migrations of this version, and MIGRATE_ON_START is \
         false: run `fastauth migrate` first.\n"
    );
    assert!(place.run(&["migrate"]).status.success());
    place.start().stop();
}

#[test]
fn a_database_file_that_is_not_there() {
    assert_eq!(
        other_refusal(&Place::new().with("DATABASE_URL", "sqlite://fastauth.db")),
        "fastauth: DATABASE_URL cannot be used: the database file fastauth.db does not exist; \
         to create it, end the database URL with ?mode=rwc.\n"
    );
}

#[test]
fn a_database_file_in_a_folder_that_is_not_there() {
    assert_eq!(
        other_refusal(&Place::new().with("DATABASE_URL", "sqlite://data/fastauth.db?mode=rwc")),
        "fastauth: DATABASE_URL cannot be used: the folder data for the database file does not \
         exist; create it, or change the database URL.\n"
    );
}

#[test]
fn a_database_file_that_is_none() {
    let place = Place::new().with_file("fastauth.db", &"This is not a database. ".repeat(100));
    assert_eq!(
        other_refusal(&place),
        "fastauth: DATABASE_URL cannot be used: the file fastauth.db is not a SQLite database; \
         change the database URL.\n"
    );
}

/// A folder in which nobody can write, not even a user who may do everything.
fn unwritable(place: &Place) -> PathBuf {
    let folder = place.path("locked");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    if File::create(folder.join("probe")).is_ok() { PathBuf::from("/sys") } else { folder }
}

#[test]
fn a_folder_that_cannot_be_written() {
    let place = Place::new();
    let file = unwritable(&place).join("fastauth.db");
    let place = place.with("DATABASE_URL", &format!("sqlite://{}?mode=rwc", file.display()));
    let said = other_refusal(&place);
    let beginning = format!(
        "fastauth: DATABASE_URL cannot be used: the database file {} cannot be written: ",
        file.display()
    );
    assert!(said.starts_with(&beginning), "{said}");
    assert!(said.ends_with("; allow it, or change the database URL.\n"), "{said}");
}

#[test]
fn a_port_in_use() {
    let place = Place::new();
    let _other = TcpListener::bind(("127.0.0.1", place.port)).unwrap();
    let said = other_refusal(&place);
    let port = place.port;
    let beginning = format!("fastauth: cannot listen on 127.0.0.1:{port} (");
    assert!(said.starts_with(&beginning), "{said}");
    let advice = "): another program listens there; stop it, or set PORT to a free one.\n";
    assert!(said.ends_with(advice), "{said}");
    assert_eq!(fs::read_dir(place.folder()).unwrap().count(), 0, "nothing is touched before");
}

#[test]
fn metrics_where_nothing_can_listen() {
    for text in ["9090", "127.0.0.1", "127.0.0.1:0", "metrics.example.com:9090"] {
        assert_eq!(
            settings_refusal(&Place::new().with("METRICS_LISTEN", text)),
            format!(
                "fastauth: METRICS_LISTEN in the environment is {text}: it must be an IP address \
                 and a port, such as 127.0.0.1:9090.\n"
            )
        );
    }
}

#[test]
fn metrics_where_the_server_listens() {
    let place = Place::new();
    let address = format!("127.0.0.1:{}", place.port);
    assert_eq!(
        settings_refusal(&place.with("METRICS_LISTEN", &address)),
        format!(
            "fastauth: METRICS_LISTEN {address} is where the server itself listens: give it a port \
             other than PORT.\n"
        )
    );
}

#[test]
fn metrics_on_a_port_in_use() {
    let port = free_port();
    let _other = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let place = Place::new().with("METRICS_LISTEN", &format!("127.0.0.1:{port}"));
    let said = other_refusal(&place);
    assert!(said.starts_with(&format!("fastauth: cannot listen on 127.0.0.1:{port} (")), "{said}");
    let advice = "): another program listens there; stop it, or set the port of METRICS_LISTEN to a \
                  free one.\n";
    assert!(said.ends_with(advice), "{said}");
    assert_eq!(fs::read_dir(place.folder()).unwrap().count(), 0, "nothing is touched before");
}

#[test]
fn metrics_at_an_address_of_another_machine() {
    // Set aside for documentation by RFC 5737.
    let said = other_refusal(&Place::new().with("METRICS_LISTEN", "192.0.2.1:9090"));
    let advice = "): this machine does not have that address; change METRICS_LISTEN.\n";
    assert!(said.ends_with(advice), "{said}");
}

#[test]
fn a_weak_secret() {
    for (secret, reason) in [
        ("CHANGE_ME_SUPER_SECRET", "it is shorter than 32 bytes"),
        ("please-change-me-before-production-2026!", "it can be guessed"),
    ] {
        assert_eq!(
            settings_refusal(&Place::new().with("SECRET_KEY", secret)),
            format!(
                "fastauth: SECRET_KEY in the environment cannot be used: {reason}; \
                 make one with `fastauth keys generate`.\n"
            )
        );
    }
}

#[test]
fn no_secret_on_an_address_that_others_reach() {
    assert_eq!(
        settings_refusal(&Place::new().with("HOST", "0.0.0.0")),
        "fastauth: SECRET_KEY is not set, and HOST 0.0.0.0 can be reached from other machines: \
         set it, the same for every instance, to what `fastauth keys generate` prints, or set \
         SECRET_KEY_FILE to a file that holds it.\n"
    );
}

#[test]
fn a_key_file_that_others_can_read() {
    let place = Place::new();
    place.start().stop();
    fs::set_permissions(place.path("fastauth.key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(
        other_refusal(&place),
        "fastauth: the secret in fastauth.key can be read by other users of this machine: \
         run `chmod 600 fastauth.key`.\n"
    );
}

#[test]
fn a_key_file_that_holds_no_key() {
    let place = Place::new().with_file("fastauth.key", "half a key");
    fs::set_permissions(place.path("fastauth.key"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(
        other_refusal(&place),
        "fastauth: the secret in fastauth.key cannot be used, it is shorter than 32 bytes: \
         put back the one that was there, or remove the file to have a new one made.\n"
    );
}

#[test]
fn a_setting_that_there_is_not() {
    assert_eq!(
        settings_refusal(&Place::new().with_file("fastauth.toml", "databse_url = \"memory://\"")),
        "fastauth: DATABSE_URL in fastauth.toml is not a setting: did you mean DATABASE_URL?\n"
    );
    assert_eq!(
        settings_refusal(&Place::new().with_file(".env", "FAVOURITE_COLOUR=red")),
        "fastauth: FAVOURITE_COLOUR in .env is not a setting: take it out; \
         `fastauth --help` lists those there are.\n"
    );
    assert_eq!(
        settings_refusal(&Place::new().with("EMAIL_PROVDER", "console")),
        "fastauth: EMAIL_PROVDER in the environment is not a setting: \
         did you mean EMAIL_PROVIDER?\n"
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let place = Place::new()
        .with_file("fastauth.toml", "colour = \"red\"\nlog_format = \"xml\"")
        .with_file(".env", "REQUIRE_EMAIL_VERIFICATION=perhaps")
        .with("PORT", "80000");
    let (code, said) = refusal(&place);
    assert_eq!(code, 2);
    assert_eq!(
        said.lines().collect::<Vec<_>>(),
        [
            "fastauth: COLOUR in fastauth.toml is not a setting: take it out; \
             `fastauth --help` lists those there are.",
            "fastauth: PORT in the environment is 80000: \
             it must be a whole number from 1 to 65535.",
            "fastauth: LOG_FORMAT in fastauth.toml is xml: it must be text or json.",
            "fastauth: REQUIRE_EMAIL_VERIFICATION in .env is perhaps: it must be true or false.",
        ]
    );
}
