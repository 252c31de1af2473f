//! A way to an instance that may be in trouble.

use std::time::{Duration, Instant};

use reqwest::{RequestBuilder, StatusCode, header::RETRY_AFTER};
use serde_json::{Value, json};

use crate::place::PATIENCE;

/// One instance, or several of which any will do.
#[derive(Clone)]
pub(crate) struct Door {
    http: reqwest::Client,
    ports: Vec<u16>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// How often the same was asked before without an answer, or with the one that it is not
    /// available: it may have been done then.
    pub(crate) unanswered: u32,
}

impl Answer {
    /// Whether it is this, or was done by one of the attempts that were not answered.
    pub(crate) fn is(&self, status: StatusCode, repeated: StatusCode) -> bool {
        self.status == status || (self.unanswered > 0 && self.status == repeated)
    }

    pub(crate) fn refresh_token(&self) -> String {
        assert!(self.status.is_success(), "{self:?}");
        self.body["refresh_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn access_token(&self) -> String {
        assert!(self.status.is_success(), "{self:?}");
        self.body["access_token"].as_str().unwrap().to_owned()
    }
}

impl Door {
    pub(crate) fn to(ports: &[u16]) -> Self {
        let http = crate::client::builder().timeout(PATIENCE).build().unwrap();
        Self { http, ports: ports.to_owned() }
    }

    /// Posts once, to the first instance.
    pub(crate) async fn try_post(&self, path: &str, body: &Value) -> Option<Answer> {
        let url = self.url(0, path);
        answer_to(self.http.post(url).json(body)).await
    }

    /// Gets once, from the first instance.
    pub(crate) async fn get(&self, path: &str) -> StatusCode {
        answer_to(self.http.get(self.url(0, path))).await.unwrap().status
    }

    /// The same, for what is answered.
    pub(crate) async fn get_json(&self, path: &str) -> Value {
        answer_to(self.http.get(self.url(0, path))).await.unwrap().body
    }

    /// Shows an access token.
    pub(crate) async fn me(&self, access_token: &str) -> Answer {
        self.until_answered(|port| {
            self.http.get(self.url(port, "/auth/me")).bearer_auth(access_token)
        })
        .await
    }

    /// Posts until it is answered, at one instance after the other.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.until_answered(|port| self.http.post(self.url(port, path)).json(body)).await
    }

    pub(crate) async fn register(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/register", &credentials(email, password)).await
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login", &credentials(email, password)).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/refresh", &json!({ "refresh_token": token })).await
    }

    pub(crate) async fn logout(&self, token: &str) -> Answer {
        self.post("/auth/logout", &json!({ "refresh_token": token })).await
    }

    pub(crate) async fn verify(&self, token: &str) -> Answer {
        self.post("/auth/email-verification/confirm", &json!({ "token": token })).await
    }

    pub(crate) async fn request_reset(&self, email: &str) -> Answer {
        self.post("/auth/password-reset/request", &json!({ "email": email })).await
    }

    pub(crate) async fn reset(&self, token: &str, password: &str) -> Answer {
        let body = json!({ "token": token, "new_password": password });
        self.post("/auth/password-reset/confirm", &body).await
    }

    /// Replaces the password of whoever is signed in.
    pub(crate) async fn change(&self, access_token: &str, old: &str, new: &str) -> Answer {
        let body = json!({ "current_password": old, "new_password": new });
        self.until_answered(|port| {
            let request = self.http.post(self.url(port, "/account/change-password"));
            request.bearer_auth(access_token).json(&body)
        })
        .await
    }

    async fn until_answered(&self, request: impl Fn(usize) -> RequestBuilder) -> Answer {
        let started = Instant::now();
        let mut unanswered = 0;
        loop {
            let answer = answer_to(request(unanswered as usize)).await;
            match answer {
                Some(answer) if answer.status != StatusCode::SERVICE_UNAVAILABLE => {
                    return Answer { unanswered, ..answer };
                }
                answer => assert!(started.elapsed() < PATIENCE, "{answer:?}"),
            }
            unanswered += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn url(&self, port: usize, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports[port % self.ports.len()])
    }
}

/// What came back, if anything did. Nothing an instance answers may be a defect of it, and whoever
/// is turned away is told when to come back.
async fn answer_to(request: RequestBuilder) -> Option<Answer> {
    let answer = request.send().await.ok()?;
    let (status, retry_after) = (answer.status(), answer.headers().get(RETRY_AFTER).cloned());
    let text = answer.text().await.ok()?;
    if status.is_server_error() {
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
        let seconds = retry_after.as_ref().and_then(|it| it.to_str().ok()?.parse::<u32>().ok());
        assert!(seconds.is_some_and(|it| it > 0), "{retry_after:?}: {text}");
    }
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Some(Answer { status, body, unanswered: 0 })
}

pub(crate) fn credentials(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password })
}
