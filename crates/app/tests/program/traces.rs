//! What is left of a password when it was used.

use std::fs;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    client::{Client, Tokens},
    mail,
    place::{Place, Program},
};

const ADA: &str = "ada@example.com";
/// Something that is in every password that was sent, and nowhere else.
const MARKER: &str = "quagga-7f3b";

fn password(what: &str) -> String {
    format!("{MARKER} the {what} one")
}

async fn login(client: &Client, password: &str) -> (StatusCode, Value) {
    client.post("/auth/login", &json!({ "email": ADA, "password": password })).await
}

/// Uses a password in every way that there is.
async fn use_passwords(program: &mut Program) {
    let client = program.client();
    let (first, second, third) = (password("first"), password("second"), password("third"));
    let body = json!({ "email": ADA, "password": first });
    let (status, answer) = client.post("/auth/register", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    assert_eq!(login(&client, &password("wrong")).await.0, StatusCode::UNAUTHORIZED);
    let (status, answer) = login(&client, &first).await;
    assert_eq!(status, StatusCode::OK);
    for (current, status) in [(&password("wrong"), 400), (&first, 200)] {
        let body = json!({ "current_password": current, "new_password": second });
        let path = "/account/change-password";
        let changed = client.post_as(&Tokens::of(&answer), path, &body).await;
        assert_eq!(changed.0.as_u16(), status, "{}", changed.1);
    }
    client.post("/auth/password-reset/request", &json!({ "email": ADA })).await;
    let token = mail::token(&program.mail("Choose a new password", 1)).to_owned();
    for (new, status) in [(MARKER.repeat(20), 422), (third.clone(), 204), (third.clone(), 400)] {
        let body = json!({ "token": token, "new_password": new });
        let reset = client.post("/auth/password-reset/confirm", &body).await;
        assert_eq!(reset.0.as_u16(), status, "{}", reset.1);
    }
    assert_eq!(login(&client, &third).await.0, StatusCode::OK);
    let unreadable = json!({ "email": ADA, "password": [password("nested")] });
    assert_eq!(client.post("/auth/login", &unreadable).await.0.as_u16(), 422);
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Every file of a folder, and what is in it.
fn files(place: &Place) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(place.folder()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    paths.map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect()
}

#[tokio::test]
async fn a_password_is_found_nowhere_after_it_was_used_however_much_is_logged() {
    let place = Place::new().with("LOG", "trace");
    let mut program = place.start();
    use_passwords(&mut program).await;
    let mut found = files(&place);
    assert!(found.iter().any(|(name, _)| name.ends_with(".db-wal")), "the rows are in there");
    #[cfg(target_os = "linux")]
    for name in ["environ", "cmdline"] {
        let path = format!("/proc/{}/{name}", program.pid().as_raw_nonzero());
        found.push((path.clone(), fs::read(path).unwrap()));
    }
    program.send(rustix::process::Signal::TERM);
    assert!(program.wait().success());
    found.extend(files(&place));
    found.push(("stdout".to_owned(), program.output().into_bytes()));
    found.push(("stderr".to_owned(), program.errors().into_bytes()));
    for (name, bytes) in &found {
        assert!(!contains(bytes, MARKER), "{name}");
    }
    // What was looked through is what was written: it is full of the rest.
    for name in ["fastauth.db", "stdout"] {
        let (_, bytes) = found.iter().rev().find(|(known, _)| known.ends_with(name)).unwrap();
        assert!(contains(bytes, ADA), "{name}");
    }
    assert!(program.errors().contains("DEBUG request{"), "everything is logged");
}
