//! The program, used over HTTP.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Program {
    process: Child,
    url: String,
    _folder: TempDir,
}

impl Program {
    /// Starts it in an empty folder, on a port that is free.
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_example-embed-router"))
            .arg("0")
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").unwrap().to_owned();
        Self { process, url, _folder: folder }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn whoever_registers_reaches_the_programs_own_route() {
    let program = Program::start();
    // Where anything in the build speaks TLS, the client asks for cryptography even to speak plainly.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new();
    let credentials = json!({ "email": "user@example.com", "password": "securepassword123" });
    let answer = client
        .post(format!("{}/auth/register", program.url))
        .json(&credentials)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let tokens: Value = answer.json().await.unwrap();

    let hello = client.get(format!("{}/hello", program.url));
    let stranger = hello.try_clone().unwrap().send().await.unwrap();
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(stranger.headers()["content-type"], "application/problem+json");
    let user = hello.bearer_auth(tokens["access_token"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(user.status(), StatusCode::OK);
    assert_eq!(user.text().await.unwrap(), "Hello, user@example.com!");
}

#[test]
fn the_readme_shows_this_program() {
    let (_, program) = include_str!("../src/main.rs").split_once("\n\n").unwrap();
    assert!(include_str!("../../../README.md").contains(program.trim_end()));
}
