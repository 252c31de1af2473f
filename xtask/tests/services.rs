//! What is left of the servers when the program that started them has ended. Servers that are not
//! installed leave nothing either.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn nothing_is_left_after_a_command() {
    let folder = folder();
    let code = services(folder.path()).args(["--", "sh", "-c", "exit 7"]).status().unwrap().code();
    assert_eq!(code, Some(7));
    assert!(is_empty(folder.path()));
}

#[test]
fn nothing_is_left_after_a_kill() {
    let folder = folder();
    let mut program = services(folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(program.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut urls = said.skip_while(|line| !line.starts_with("export "));
    let address = urls.next().map(|line| address(&line).to_owned());
    if let Some(address) = &address {
        TcpStream::connect(address).unwrap();
    }
    program.kill().unwrap();
    program.wait().unwrap();
    let killed = Instant::now();
    while !is_empty(folder.path()) {
        assert!(killed.elapsed() < PATIENCE, "{:?}", fs::read_dir(folder.path()).unwrap().next());
        thread::sleep(Duration::from_millis(50));
    }
    assert!(address.is_none_or(|address| TcpStream::connect(address).is_err()));
}

/// Servers that put their directories here.
fn services(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("services").env("TMPDIR", folder);
    command.env_remove("FASTAUTH_TEST_POSTGRES").env_remove("FASTAUTH_TEST_MARIADB");
    command
}

/// Root's servers run as somebody else, who must be able to come in.
fn folder() -> TempDir {
    let open = fs::Permissions::from_mode(0o755);
    tempfile::Builder::new().permissions(open).tempdir().unwrap()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

/// The host and port of a URL.
fn address(url: &str) -> &str {
    url.split_once('@').unwrap().1.split_once('/').unwrap().0
}
