//! The program, used over HTTP.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStdout, Command, Stdio},
};

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

struct Program {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
    url: String,
    _folder: TempDir,
}

impl Program {
    /// Starts it in an empty folder, on a port that is free.
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_example-basic"))
            .arg("0")
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = output.next().unwrap().unwrap();
        let url = line.strip_prefix("listening on ").unwrap().to_owned();
        Self { process, output, url, _folder: folder }
    }

    /// The token in the link of the mail that it prints next.
    fn mailed_token(&mut self) -> String {
        let line = self.output.find(|line| line.as_ref().unwrap().contains("token=")).unwrap();
        line.unwrap().split_once("token=").unwrap().1.trim_end().to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn answer(request: RequestBuilder) -> (StatusCode, String) {
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn somebody_registers_and_is_let_in_and_verifies_and_is_let_in_further() {
    // Where anything in the build speaks TLS, the client asks for cryptography even to speak plainly.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (mut program, client) = (Program::start(), Client::new());
    let post = |path: &str, body: Value| client.post(format!("{}{path}", program.url)).json(&body);
    let credentials = json!({ "email": "user@example.com", "password": "securepassword123" });
    let (status, tokens) = answer(post("/auth/register", credentials)).await;
    assert_eq!(status, StatusCode::CREATED);
    let tokens: Value = serde_json::from_str(&tokens).unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let get = |path: &str| client.get(format!("{}{path}", program.url));

    assert_eq!(answer(get("/")).await.1, "Welcome, stranger!");
    assert_eq!(answer(get("/me-too")).await.0, StatusCode::UNAUTHORIZED);
    let me_too = answer(get("/me-too").bearer_auth(token)).await;
    assert_eq!(me_too, (StatusCode::OK, "You are user@example.com.".to_owned()));
    let members = get("/members").bearer_auth(token);
    assert_eq!(answer(members.try_clone().unwrap()).await.0, StatusCode::FORBIDDEN);

    let confirm = client.post(format!("{}/auth/email-verification/confirm", program.url));
    let proof = json!({ "token": program.mailed_token() });
    assert_eq!(answer(confirm.json(&proof)).await.0, StatusCode::NO_CONTENT);
    assert_eq!(answer(members).await.0, StatusCode::OK);
}
