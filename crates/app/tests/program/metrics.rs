//! What the server shows to those who watch it.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::{
    client::{self, Client, PASSWORD, credentials},
    place::{PATIENCE, Place, Program, free_port},
};

/// A server that is watched.
pub(crate) struct Watched {
    pub(crate) program: Program,
    pub(crate) port: u16,
}

impl Watched {
    pub(crate) fn start(place: Place) -> Self {
        let port = free_port();
        let program = place.with("METRICS_LISTEN", &format!("127.0.0.1:{port}")).start();
        Self { program, port }
    }

    pub(crate) async fn scrape(&self) -> String {
        let (status, text) = Client::of(self.port).get("/metrics").await;
        assert_eq!(status, StatusCode::OK);
        text
    }

    /// The figure of the one series that begins so.
    async fn figure(&self, series: &str) -> Option<f64> {
        let text = self.scrape().await;
        let rest = text.lines().find_map(|line| line.strip_prefix(series))?;
        Some(rest.trim().parse().unwrap())
    }

    /// Waits until a series shows this.
    pub(crate) async fn wait_for(&self, series: &str, figure: f64) {
        let started = Instant::now();
        while self.figure(series).await != Some(figure) {
            assert!(started.elapsed() < PATIENCE, "no {series} {figure}: {}", self.scrape().await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Mail is handed to a mail server that is not there.
fn without_mail_server() -> Place {
    Place::new()
        .with("EMAIL_PROVIDER", "smtp")
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", &free_port().to_string())
        .with("SMTP_TLS", "none")
        .with("LOG", "off")
}

#[tokio::test]
async fn metrics_are_on_a_listener_of_their_own_and_on_no_other() {
    let watched = Watched::start(Place::new());
    let said = format!("http://127.0.0.1:{}/metrics", watched.port);
    assert!(watched.program.output().contains(&said), "{}", watched.program.output());
    assert!(watched.scrape().await.contains("fastauth_build_info{version=\""));
    assert_eq!(watched.program.client().get("/metrics").await.0, StatusCode::NOT_FOUND);
    for path in ["/", "/health/live", "/auth/me", "/openapi.json"] {
        let (status, _) = Client::of(watched.port).get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    let port = watched.port;
    watched.program.stop();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[tokio::test]
async fn unless_it_is_set_metrics_are_nowhere() {
    let program = Place::new().start();
    assert_eq!(program.client().get("/metrics").await.0, StatusCode::NOT_FOUND);
    assert!(!program.output().contains("metrics"), "{}", program.output());
    program.stop();
}

#[tokio::test]
async fn what_is_done_is_counted() {
    let watched = Watched::start(Place::new());
    let client = watched.program.client();
    client.register("user@example.com").await;
    let logins =
        "fastauth_http_requests_total{method=\"POST\",route=\"/auth/login\",status=\"200\"}";
    let took =
        "fastauth_http_request_duration_seconds_count{method=\"POST\",route=\"/auth/login\"}";
    for count in [None, Some(1.0), Some(2.0)] {
        assert_eq!(watched.figure(logins).await, count);
        assert_eq!(watched.figure(took).await, count);
        client.login("user@example.com").await;
    }
    let turns = "fastauth_password_waits_total{outcome=\"served\"}";
    assert_eq!(watched.figure(turns).await, Some(4.0), "one to register, three to sign in");
    let hashed = "fastauth_password_hash_duration_seconds_count";
    assert_eq!(watched.figure(hashed).await, Some(4.0));
    assert_eq!(watched.figure("fastauth_password_waiting").await, Some(0.0));
    watched.wait_for("fastauth_mails_total{outcome=\"handed_over\"}", 1.0).await;
    watched.wait_for("fastauth_mail_waiting", 0.0).await;
    watched.program.stop();
}

#[tokio::test]
async fn mail_that_cannot_be_sent_is_seen_to_wait() {
    let watched = Watched::start(without_mail_server());
    assert_eq!(watched.figure("fastauth_mail_waiting").await, Some(0.0));
    watched.program.client().register("user@example.com").await;
    assert_eq!(watched.figure("fastauth_mail_waiting").await, Some(1.0));
    assert!(watched.figure("fastauth_mail_oldest_waiting_seconds").await.is_some());
    assert_eq!(watched.figure("fastauth_database_up").await, Some(1.0));
    assert_eq!(watched.figure("fastauth_mails_total{outcome=\"handed_over\"}").await, Some(0.0));
    watched.program.stop();
}

#[tokio::test]
async fn nothing_of_anybody_is_shown() {
    let watched = Watched::start(without_mail_server());
    let (program, address) = (&watched.program, "planted.person@planted.example");
    let tokens = program.client().register(address).await;
    program.client().login(address).await;
    program.client().post("/auth/login", &credentials("planted.stranger@example.com")).await;
    let base = format!("http://127.0.0.1:{}", program.port);
    let http = client::builder().build().unwrap();
    let me = http.get(format!("{base}/auth/me")).bearer_auth(&tokens.access).send().await.unwrap();
    let me: Value = me.json().await.unwrap();
    let id = me["id"].as_str().unwrap();
    for (method, path) in [
        ("GET", format!("/planted/{address}")),
        ("GET", format!("/verify-email?token=planted-{id}")),
        ("DELETE", format!("/sessions/{id}")),
        ("PLANTED", "/auth/login".to_owned()),
    ] {
        let request =
            http.request(Method::from_bytes(method.as_bytes()).unwrap(), base.clone() + &path);
        let request = request.bearer_auth(&tokens.access).header("x-request-id", "planted-request");
        request.header("user-agent", "planted-agent").send().await.unwrap();
    }

    let text = watched.scrape().await;
    assert!(text.contains("route=\"/sessions/{id}\""), "{text}");
    let lower = text.to_ascii_lowercase();
    for secret in ["planted", id, "127.0.0.1", "@", PASSWORD, &tokens.access, &tokens.refresh] {
        assert!(!lower.contains(&secret.to_ascii_lowercase()), "{secret} is in {text}");
    }
    watched.program.stop();
}
