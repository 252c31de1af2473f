//! Somebody of each class that a refused login is not to tell apart.

use std::{path::Path, process::Stdio};

use serde_json::json;
use tokio::{io::AsyncWriteExt, process::Command, task::JoinSet};

use super::LOGIN_REFUSED;
use crate::{Failure, client::Connection, people::PASSWORD, server::Server};

/// How many at once try wrong passwords at the account that is to take none any more.
const GUESSING: usize = 4;

/// The address of somebody of a class.
pub(super) fn address(class: &str) -> String {
    format!("{class}@example.com")
}

/// Makes the accounts, by the commands of the program and by what their owners would do.
pub(super) async fn arrive(
    program: &Path,
    server: &Server,
    settings: &[(&str, &str)],
    wrong_in_a_row: usize,
) -> Result<(), Failure> {
    let run = async |arguments: &[&str]| command(program, settings, arguments).await;
    for (class, option) in [
        ("verified", Some("--verified")),
        ("pending", None),
        ("closed", Some("--verified")),
        ("deleted", Some("--verified")),
        ("locked", Some("--verified")),
        ("passwordless", Some("--no-password")),
    ] {
        let email = address(class);
        let create = ["user", "create", "--email", &email];
        run(&create.into_iter().chain(option).collect::<Vec<_>>()).await?;
    }
    run(&["user", "disable", &address("closed")]).await?;
    delete(server).await?;
    for tried in ["locked", "stranger"] {
        try_too_often(server, tried, wrong_in_a_row).await?;
    }
    Ok(())
}

/// Runs a command of the server, beside it.
async fn command(
    program: &Path,
    settings: &[(&str, &str)],
    arguments: &[&str],
) -> Result<(), Failure> {
    let mut process = Command::new(program)
        .args(arguments)
        .envs(settings.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut input) = process.stdin.take() {
        // A command that asks for no password has closed it.
        let _ = input.write_all(PASSWORD.as_bytes()).await;
    }
    let status = process.wait().await?;
    if status.success() { Ok(()) } else { Err(format!("{arguments:?} failed: {status}").into()) }
}

/// Has the owner close the account: its rows stay.
async fn delete(server: &Server) -> Result<(), Failure> {
    let mut connection = Connection::open(server.port).await?;
    let login = json!({ "email": address("deleted"), "password": PASSWORD });
    let access = connection.post("/auth/login", &login).await?.member("access_token")?;
    let path = "/account/delete";
    connection.delete(path, &access, &json!({ "password": PASSWORD })).await?.expect(200, path)
}

/// Tries wrong passwords until an account takes none, whether there is one or not.
async fn try_too_often(
    server: &Server,
    class: &'static str,
    wrong_in_a_row: usize,
) -> Result<(), Failure> {
    let mut guessing = JoinSet::new();
    for _ in 0..GUESSING {
        let mut connection = Connection::open(server.port).await?;
        guessing.spawn(async move {
            let login = json!({ "email": address(class), "password": "wrong password" });
            for _ in 0..wrong_in_a_row.div_ceil(GUESSING) {
                let answer = connection.post("/auth/login", &login).await?;
                answer.expect(LOGIN_REFUSED, "/auth/login")?;
            }
            Ok::<_, Failure>(())
        });
    }
    guessing.join_all().await.into_iter().collect()
}
