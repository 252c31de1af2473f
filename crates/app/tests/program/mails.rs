//! The commands that look after mail.

use std::{fs, process::Output};

use crate::place::Place;

/// What a command printed that did what it was asked for.
fn printed(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(output.status.success(), "{text}{errors}");
    text
}

/// What a command said that could not.
fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn every_mail_can_be_looked_at() {
    let place = Place::new().with("PRODUCT_NAME", "Acme & Sons");
    printed(&place.run(&["mail", "preview", "--out", "preview"]));
    let read = |name: &str| fs::read_to_string(place.path("preview").join(name)).unwrap();
    let index = read("index.html");
    for name in ["en-verify_email", "de-reset_password", "en-new_sign_in"] {
        assert!(index.contains(&format!("href=\"{name}.html\"")), "{index}");
        assert!(read(&format!("{name}.html")).contains("Acme &amp; Sons"));
        assert!(read(&format!("{name}.txt")).starts_with("Subject: "));
    }
}

#[test]
fn a_mail_can_be_sent_to_see_whether_it_arrives() {
    let place = Place::new().with("EMAIL_PROVIDER", "eml").with("EMAIL_DIRECTORY", "mails");
    let said = printed(&place.run(&["mail", "test", "--to", "Ada@example.com"]));
    assert!(said.starts_with("The mail to Ada@example.com was taken. The answer was: "), "{said}");
    let mails: Vec<_> = fs::read_dir(place.path("mails")).unwrap().collect();
    assert_eq!(mails.len(), 1);
    let error = refused(&place.run(&["mail", "test", "--to", "nobody"]));
    assert_eq!(error, "fastauth: nobody is not a valid e-mail address.\n");
}

#[test]
fn a_mail_server_that_is_not_there_is_told_of() {
    let port = crate::place::free_port().to_string();
    let place = Place::new()
        .with("EMAIL_PROVIDER", "smtp")
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", &port)
        .with("SMTP_TLS", "none");
    let error = refused(&place.run(&["mail", "test", "--to", "ada@example.com"]));
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.starts_with("fastauth: temporarily unavailable: "), "{error}");
}

#[tokio::test]
async fn it_is_told_why_somebody_got_no_mail() {
    let port = crate::place::free_port().to_string();
    let place = Place::new()
        .with("EMAIL_PROVIDER", "smtp")
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", &port)
        .with("SMTP_TLS", "none")
        .with("LOG", "off");
    let why = || printed(&place.run(&["mail", "why", "user@example.com"]));
    assert_eq!(why(), "No mail to user@example.com is on record.\n");
    let program = place.start();
    program.client().register("user@example.com").await;
    let said = why();
    program.stop();
    assert!(said.contains("queued") && said.contains("verify_email"), "{said}");

    let id = said.split_whitespace().next().unwrap();
    let list = || printed(&place.run(&["mail", "outbox", "list"]));
    assert!(list().starts_with(id));
    assert_eq!(printed(&place.run(&["mail", "outbox", "retry", id])), "It is due now.\n");
    assert_eq!(printed(&place.run(&["mail", "outbox", "drop", id])), "It is forgotten.\n");
    assert_eq!(list(), "No mail is queued.\n");
    let gone = refused(&place.run(&["mail", "outbox", "drop", id]));
    assert_eq!(gone, "fastauth: there is no mail of this id.\n");
}

#[test]
fn a_template_that_is_wrong_stops_the_start_with_its_file_and_line() {
    let place = Place::new().with("EMAIL_TEMPLATES_DIR", "templates");
    fs::create_dir_all(place.path("templates/en")).unwrap();
    fs::write(place.path("templates/en/verify_email.txt"), "Hello\n{{ link }\n").unwrap();
    let error = refused(&place.run(&["serve"]));
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("en/verify_email.txt, line 2: "), "{error}");
    let missing = Place::new().with("EMAIL_TEMPLATES_DIR", "nowhere");
    let error = refused(&missing.run(&["serve"]));
    assert!(error.contains("EMAIL_TEMPLATES_DIR in the environment is nowhere"), "{error}");
}
