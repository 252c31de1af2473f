//! Starting in an empty folder, and starting again.

use std::{fs, os::unix::fs::PermissionsExt};

use reqwest::StatusCode;

use crate::{mail, place::Place};

#[tokio::test]
async fn the_first_start_says_where_everything_is_and_the_second_finds_it_again() {
    let place = Place::new();
    let first = place.start();
    let said = first.output();
    for name in ["fastauth.db", "fastauth.key"] {
        let path = fs::canonicalize(place.path(name)).unwrap();
        assert!(said.contains(path.to_str().unwrap()), "{said}");
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert!(said.contains(&format!("FastAuth {} listens on", env!("CARGO_PKG_VERSION"))));
    assert!(said.contains(&format!("http://127.0.0.1:{}/docs", place.port)), "{said}");
    assert!(said.contains("made just now") && said.contains("printed here"), "{said}");
    let tokens = first.client().register("user@example.com").await;
    let key = fs::read(place.path("fastauth.key")).unwrap();
    first.stop();

    let second = place.start();
    assert!(!second.output().contains("made just now"), "{}", second.output());
    assert_eq!(fs::read(place.path("fastauth.key")).unwrap(), key);
    let client = second.client();
    assert_eq!(client.me(&tokens).await, "user@example.com");
    client.refresh(&tokens).await;
    client.login("user@example.com").await;
    second.stop();
}

#[tokio::test]
async fn the_server_is_ready_once_it_listens() {
    let program = Place::new().start();
    let client = program.client();
    for path in ["/health/live", "/health/ready", "/openapi.json"] {
        assert_eq!(client.get(path).await.0, StatusCode::OK, "{path}");
    }
    assert_eq!(client.get("/unheard-of").await.0, StatusCode::NOT_FOUND);
    program.stop();
}

#[tokio::test]
async fn a_mail_is_printed_with_a_link_that_opens_a_page() {
    let mut program = Place::new().start();
    program.client().register("user@example.com").await;
    let mail = program.mail("Verify your email address", 1);
    assert!(mail.contains("user@example.com"), "{mail}");
    let link = mail::link(&mail);
    let path = link.strip_prefix(&format!("http://localhost:{}", program.port)).unwrap();
    let (status, page) = program.client().get(path).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("<form"), "{page}");
    program.stop();
}

#[tokio::test]
async fn a_database_in_memory_leaves_nothing_behind() {
    let place = Place::new().with("DATABASE_URL", "memory://");
    let program = place.start();
    program.client().register("user@example.com").await;
    program.stop();
    assert_eq!(fs::read_dir(place.folder()).unwrap().count(), 0);
}
