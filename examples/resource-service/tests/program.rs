//! The program beside a FastAuth server, both used over HTTP.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail")]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
};

use fastauth::FastAuth;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const PROGRAM: &str = env!("CARGO_BIN_EXE_example-resource-service");

struct Program {
    process: Child,
    url: String,
}

impl Program {
    /// Starts it on a port that is free.
    fn start(issuer: &str, key: &str) -> Self {
        let mut process =
            Command::new(PROGRAM).args(["0", issuer, key]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").unwrap().to_owned();
        Self { process, url }
    }

    /// Runs it to its end.
    fn run(arguments: &[&str]) -> Output {
        Command::new(PROGRAM).args(arguments).output().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a FastAuth server on a port that is free, and tells its URL.
async fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let auth = FastAuth::builder().database("memory://").set("EMAIL_PROVIDER", "memory");
    let auth = auth.public_url(&url).build().await.unwrap();
    let router = auth.server_router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn client() -> Client {
    // Where anything in the build speaks TLS, the client asks for cryptography even to speak plainly.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

async fn json(request: reqwest::RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

async fn key(client: &Client, server: &str) -> String {
    let keys = json(client.get(format!("{server}/.well-known/paseto-keys"))).await;
    keys["keys"][0]["key"].as_str().unwrap().to_owned()
}

async fn registered(client: &Client, server: &str) -> String {
    let credentials = json!({ "email": "user@example.com", "password": "securepassword123" });
    let tokens = json(client.post(format!("{server}/auth/register")).json(&credentials)).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_signed_in_at_the_server_is_known_here_by_its_public_key_alone() {
    let (client, server) = (client(), server().await);
    let program = Program::start(&server, &key(&client, &server).await);
    let token = registered(&client, &server).await;
    let me = json(client.get(format!("{server}/auth/me")).bearer_auth(&token)).await;
    let id = me["id"].as_str().unwrap();

    let orders = client.get(format!("{}/orders", program.url));
    let stranger = orders.try_clone().unwrap().send().await.unwrap();
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(stranger.headers()["www-authenticate"], "Bearer");
    let user = orders.bearer_auth(&token).send().await.unwrap();
    assert_eq!(user.text().await.unwrap(), format!("The orders of account {id}."));
    let home = client.get(&program.url).send().await.unwrap();
    assert_eq!(home.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_tokens_of_another_server_are_not_known_here() {
    let (client, server, other) = (client(), server().await, server().await);
    let program = Program::start(&server, &key(&client, &server).await);
    let token = registered(&client, &other).await;
    let orders = client.get(format!("{}/orders", program.url)).bearer_auth(token);
    let answer = orders.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
}

#[test]
fn without_a_key_it_does_not_start() {
    for arguments in [&[][..], &["0", "http://localhost:8000"], &["0", "http://x", "k4.secret.AA"]]
    {
        let output = Program::run(arguments);
        assert!(!output.status.success());
        assert!(!String::from_utf8_lossy(&output.stderr).contains("k4.secret"));
    }
}

#[test]
fn its_dependencies_hold_no_database_and_no_password() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "example-resource-service", "--edges", "normal"])
        .args(["--prefix", "none", "--offline", "--locked", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(tree.contains("fastauth-paseto"), "{tree}");
    for absent in ["fastauth-seaorm", "sea-orm", "sqlx", "argon2", "lettre", "fastauth-argon2"] {
        assert!(!tree.lines().any(|line| line.starts_with(&format!("{absent} "))), "{absent}");
    }
}
