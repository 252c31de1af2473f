//! The commands of pages for whoever runs a server, as printed, in a shell, beside one.
//!
//! Only the id of a session differs, which a document cannot know.

use std::{
    io::Write,
    path::Path,
    process::{Output, Stdio},
};

use reqwest::StatusCode;

use crate::{client::PASSWORD, place::Place};

const ADMINISTERING: &str = include_str!("../../../../docs/how-to/administer.md");
const ROLES: &str = include_str!("../../../../docs/how-to/roles.md");

/// The blocks of a page that are commands.
fn commands(page: &'static str) -> impl Iterator<Item = &'static str> {
    page.split("```bash\n").skip(1).filter_map(|rest| rest.split("```").next())
}

/// What somebody types who is asked by a command.
fn typed(command: &str) -> String {
    match command.split_whitespace().nth(2) {
        Some("create") => format!("{PASSWORD}\n"),
        Some("delete") => "ada@example.com\n".to_owned(),
        _ => String::new(),
    }
}

fn shell(place: &Place, command: &str) -> Output {
    let folder = Path::new(env!("CARGO_BIN_EXE_fastauth")).parent().unwrap();
    let mut shell = place.command_of("/bin/sh", &["-c", command]);
    let piped = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = piped.env("PATH", folder).spawn().unwrap();
    // One that asks for nothing ends without reading.
    let _ = process.stdin.take().unwrap().write_all(typed(command).as_bytes());
    process.wait_with_output().unwrap()
}

/// What a command prints that succeeds.
fn run(place: &Place, command: &str) -> String {
    let output = shell(place, command);
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && !text.is_empty(), "{command}{text}{errors}");
    text
}

#[tokio::test]
async fn the_page_on_administering_works_as_printed() {
    let place = Place::new();
    let program = place.start();
    let mut session = String::new();
    for printed in commands(ADMINISTERING) {
        let text = run(&place, &printed.replace("SESSION_ID", &session));
        if printed.contains("user enable") {
            program.client().login("ada@example.com").await;
        }
        if printed.contains("user sessions") {
            // Below the headings, in the first column.
            text.lines()
                .nth(1)
                .and_then(|row| row.split(' ').next())
                .unwrap()
                .clone_into(&mut session);
        }
    }
    assert_eq!(commands(ADMINISTERING).count(), 15);
    program.stop();
}

#[tokio::test]
async fn the_first_administrator_is_made_as_printed() {
    let place = Place::new();
    let program = place.start();
    let client = program.client();
    let grace = client.register("grace@example.com").await;
    for printed in commands(ROLES) {
        run(&place, printed);
    }
    for tokens in [client.login("ada@example.com").await, grace] {
        assert_eq!(client.get_as(&tokens, "/roles").await.0, StatusCode::OK);
    }
    assert_eq!(commands(ROLES).count(), 2);
    program.stop();
}
