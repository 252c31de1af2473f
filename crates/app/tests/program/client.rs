//! Somebody who talks to the server over HTTP.

use reqwest::StatusCode;
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "securepassword123";

#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
}

/// The tokens of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

/// What clients are made of.
pub(crate) fn builder() -> reqwest::ClientBuilder {
    // Where anything in the build speaks TLS, a client asks for cryptography even to speak plainly.
    // Whoever comes second finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

impl Client {
    pub(crate) fn of(port: u16) -> Self {
        let http = builder().build().unwrap();
        Self { http, base: format!("http://127.0.0.1:{port}") }
    }

    /// Posts JSON; an answer without a body is `null`.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.try_post(path, body).await.unwrap()
    }

    /// Posts JSON as a proxy does, on behalf of somebody at this address.
    pub(crate) async fn post_through(&self, from: &str, path: &str, body: &Value) -> StatusCode {
        let request = self.http.post(format!("{}{path}", self.base)).json(body);
        request.header("x-forwarded-for", from).send().await.unwrap().status()
    }

    pub(crate) async fn try_post(
        &self,
        path: &str,
        body: &Value,
    ) -> reqwest::Result<(StatusCode, Value)> {
        let answer = self.http.post(format!("{}{path}", self.base)).json(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String) {
        let answer = self.http.get(format!("{}{path}", self.base)).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    pub(crate) async fn get_as(&self, tokens: &Tokens, path: &str) -> (StatusCode, String) {
        let request = self.http.get(format!("{}{path}", self.base));
        let answer = request.bearer_auth(&tokens.access).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    pub(crate) async fn post_as(
        &self,
        tokens: &Tokens,
        path: &str,
        body: &Value,
    ) -> (StatusCode, String) {
        let request = self.http.post(format!("{}{path}", self.base)).json(body);
        let answer = request.bearer_auth(&tokens.access).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    pub(crate) async fn register(&self, email: &str) -> Tokens {
        let (status, answer) = self.post("/auth/register", &credentials(email)).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        Tokens::of(&answer)
    }

    pub(crate) async fn login(&self, email: &str) -> Tokens {
        let (status, answer) = self.post("/auth/login", &credentials(email)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        Tokens::of(&answer)
    }

    pub(crate) async fn refresh(&self, tokens: &Tokens) -> Tokens {
        let body = json!({ "refresh_token": tokens.refresh });
        let (status, answer) = self.post("/auth/refresh", &body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        Tokens::of(&answer)
    }

    /// Whose the access token is.
    pub(crate) async fn me(&self, tokens: &Tokens) -> String {
        let (status, answer) = self.get_as(tokens, "/auth/me").await;
        assert_eq!(status, StatusCode::OK);
        let me: Value = serde_json::from_str(&answer).unwrap();
        me["email"].as_str().unwrap().to_owned()
    }

    /// Whether the access token is accepted.
    pub(crate) async fn is_known(&self, tokens: &Tokens) -> bool {
        let (status, _) = self.get_as(tokens, "/auth/me").await;
        assert!([StatusCode::OK, StatusCode::UNAUTHORIZED].contains(&status), "{status}");
        status == StatusCode::OK
    }
}

impl Tokens {
    pub(crate) fn of(answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        assert_eq!(answer["token_type"], "bearer");
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }
}

pub(crate) fn credentials(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}
