//! A FastAuth in one process, whose clock and mail are in the hands of the test.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use fastauth_application::{
    bell::Bell,
    breaches::Breaches,
    budget::{Budget, MailRates},
    letters::{Letters, LinkTemplate},
    moments::Moments,
    outbox::MailRelay,
    relay::Relay,
};
use fastauth_domain::{
    email::EmailAddress, gate::VerificationRule, language::Language, one_time::OneTimeKey,
    role::RoleName,
};
use fastauth_http::UseCases;
use fastauth_memory::MemoryStore;
use fastauth_ports::{fault::Fault, mail::Sender};
use fastauth_testkit::{
    clock::TurnableClock, letters::PlainLetters, mail::CaughtMail, passwords::PlainHasher,
    randomness::Dice,
};
use http_body_util::BodyExt;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::parts::{Limits, Parts};

pub(crate) const EMAIL: &str = "user@example.com";
pub(crate) const PASSWORD: &str = "securepassword123";
pub(crate) const DAY: Duration = Duration::from_hours(24);

pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) use_cases: UseCases,
    pub(crate) store: MemoryStore,
    pub(crate) fault: Arc<Fault>,
    pub(crate) clock: Arc<TurnableClock>,
    pub(crate) hasher: Arc<PlainHasher>,
    mail: Arc<CaughtMail>,
    relay: Relay,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn member(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_else(|| panic!("no {name}: {self:?}")).to_owned()
    }

    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// All of an answer but what names the request.
    pub(crate) fn visible(&self) -> (u16, HeaderMap, String) {
        let mut headers = self.headers.clone();
        let id = headers.remove("x-request-id").unwrap();
        (self.status.as_u16(), headers, self.body.replace(id.to_str().unwrap(), ""))
    }

    /// Status and code, as `401 invalid_credentials`.
    pub(crate) fn outcome(&self) -> String {
        let code = if self.body.is_empty() { Value::Null } else { self.json()["code"].clone() };
        format!("{} {}", self.status.as_u16(), code.as_str().unwrap_or_default()).trim().to_owned()
    }
}

impl World {
    /// Where an account may be used at once.
    pub(crate) fn open() -> Self {
        Self::new(VerificationRule::Optional)
    }

    /// Where addresses must be verified.
    pub(crate) fn verifying() -> Self {
        Self::new(VerificationRule::Required)
    }

    /// Where new accounts get this role.
    pub(crate) fn giving(role: RoleName) -> Self {
        let parts = Parts::new(VerificationRule::Optional);
        Self::of(Parts { default_role: Some(role), ..parts })
    }

    /// Where not everything may be asked for any number of times, and these proxies are believed.
    pub(crate) fn limited(limits: Limits, trusted_proxies: &str) -> Self {
        let trusted_proxies = trusted_proxies.parse().unwrap_or_default();
        let parts = Parts::new(VerificationRule::Optional);
        Self::of(Parts { limits, trusted_proxies, ..parts })
    }

    /// Where these are searched for the passwords that people choose.
    pub(crate) fn searching(breaches: Breaches) -> Self {
        let parts = Parts::new(VerificationRule::Optional);
        Self::of(Parts { breaches, ..parts })
    }

    /// Where addresses must be verified, and not everything may be asked for any number of times.
    pub(crate) fn verifying_and_limited(limits: Limits) -> Self {
        Self::of(Parts { limits, ..Parts::new(VerificationRule::Required) })
    }

    /// Where these are searched, and not everything may be asked for any number of times.
    pub(crate) fn limited_and_searching(limits: Limits, breaches: Breaches) -> Self {
        let parts = Parts::new(VerificationRule::Optional);
        Self::of(Parts { limits, breaches, ..parts })
    }

    fn new(verification: VerificationRule) -> Self {
        Self::of(Parts::new(verification))
    }

    fn of(parts: Parts) -> Self {
        crate::log::start();
        let (use_cases, requests) = (parts.use_cases(), parts.pending_requests());
        let Parts { store, fault, clock, hasher, server, .. } = parts;
        let mail = Arc::new(CaughtMail::default());
        let link =
            |page| LinkTemplate::parse(&format!("http://test/{page}?token={{token}}")).unwrap();
        let mail_relay = MailRelay {
            outbox: Arc::new(store.clone()),
            transport: Arc::clone(&mail) as _,
            letters: Letters {
                key: OneTimeKey::new(&server),
                writer: Arc::new(PlainLetters::new(Language::parse("en").unwrap(), [])),
                from: Sender {
                    address: EmailAddress::parse("no-reply@example.com").unwrap(),
                    name: None,
                },
                email_verification: link("verify-email"),
                password_reset: link("reset-password"),
                email_change: link("change-email"),
                email_revert: link("keep-email"),
            },
            deliveries: Arc::new(store.clone()),
            budget: Budget { limits: Arc::new(store.clone()), rates: MailRates::default() },
            moments: Moments {
                clock: Arc::clone(&clock) as _,
                randomness: Arc::new(Dice::default()),
            },
            bell: Bell::default(),
        };
        let relay = Relay { requests: Arc::new(requests), mail: mail_relay };
        let router = fastauth_http::server_router(&use_cases, vec![Arc::new(store.clone())]);
        Self { router, use_cases, store, fault, clock, hasher, mail, relay }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        // No two requests come at the same time, so that what comes of them has an order.
        self.clock.advance(Duration::from_micros(1));
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(request(Method::POST, path, "application/json", body.to_string())).await
    }

    /// Posts something over a connection from this address.
    pub(crate) async fn post_from(&self, address: &str, path: &str, body: &Value) -> Answer {
        self.send(from(address, path, body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn me(&self, access_token: &str) -> Answer {
        self.get_as(access_token, "/auth/me").await
    }

    pub(crate) async fn get_as(&self, access_token: &str, path: &str) -> Answer {
        self.send_as(access_token, Method::GET, path, &Value::Null).await
    }

    pub(crate) async fn post_as(&self, access_token: &str, path: &str, body: &Value) -> Answer {
        self.send_as(access_token, Method::POST, path, body).await
    }

    /// Sends something with an access token; without a body if that is `null`.
    pub(crate) async fn send_as(
        &self,
        access_token: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut request = request(method, path, "application/json", body);
        let bearer = format!("Bearer {access_token}").parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        self.send(request).await
    }

    /// Signs in with a browser that calls itself this.
    pub(crate) async fn login_with(&self, email: &str, user_agent: &str) -> Answer {
        let body = json!({ "email": email, "password": PASSWORD }).to_string();
        let mut request = request(Method::POST, "/auth/login", "application/json", body);
        request.headers_mut().insert(header::USER_AGENT, user_agent.parse().unwrap());
        self.send(request).await
    }

    pub(crate) async fn register(&self, email: &str) -> Answer {
        self.post("/auth/register", &json!({ "email": email, "password": PASSWORD })).await
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login", &json!({ "email": email, "password": password })).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/refresh", &json!({ "refresh_token": token })).await
    }

    /// Attends to what was asked for.
    pub(crate) async fn attend(&self) {
        self.relay.requests.attend_all().await.unwrap();
    }

    /// Attends to what was asked for, sends the outbox, and says how many mails have been sent in all.
    pub(crate) async fn mails(&self) -> usize {
        while self.relay.deliver_due().await.unwrap() > 0 {}
        self.mail.sent().len()
    }

    /// The text of the newest mail.
    pub(crate) async fn newest_mail(&self) -> String {
        self.mails().await;
        self.mail.sent().last().unwrap().text.expose_secret().to_owned()
    }

    /// The newest mail to an address.
    pub(crate) async fn mail_to(&self, address: &str) -> ReceivedMail {
        self.mails().await;
        let mails = self.mail.sent();
        let newest = mails.iter().rev().find(|mail| mail.to.as_typed() == address);
        let mail = newest.unwrap_or_else(|| panic!("no mail to {address}"));
        ReceivedMail { subject: mail.subject.clone(), text: mail.text.expose_secret().to_owned() }
    }

    /// What the newest mail is about.
    pub(crate) async fn newest_subject(&self) -> String {
        self.mails().await;
        self.mail.sent().last().unwrap().subject.clone()
    }

    /// The token in the newest mail.
    pub(crate) async fn mailed_token(&self) -> String {
        token_in(&self.newest_mail().await)
    }
}

/// A mail as its reader has it.
pub(crate) struct ReceivedMail {
    pub(crate) subject: String,
    text: String,
}

impl ReceivedMail {
    /// The token of its link.
    pub(crate) fn token(&self) -> String {
        token_in(&self.text)
    }
}

fn token_in(text: &str) -> String {
    let (_, rest) = text.split_once("?token=").unwrap_or_else(|| panic!("no link: {text}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

/// What is posted over a connection from this address.
pub(crate) fn from(address: &str, path: &str, body: &Value) -> Request<Body> {
    let mut request = request(Method::POST, path, "application/json", body.to_string());
    let peer = SocketAddr::new(address.parse().unwrap(), 4_711);
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

pub(crate) fn request(
    method: Method,
    path: &str,
    content_type: &str,
    body: String,
) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body))
        .unwrap()
}
