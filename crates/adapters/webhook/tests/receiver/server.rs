//! A receiver as somebody would write it who has read the specification.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use fastauth_domain::{email::EmailAddress, identifier::MailId, moment::Moment};
use fastauth_ports::{
    clock::Clock,
    mail::{OutgoingMail, Sender},
};
use fastauth_testkit::clock::TurnableClock;
use fastauth_webhook::{Endpoint, Patience, Receiver, Secrets, WebhookMail};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::{net::TcpListener, task::JoinHandle};

pub(crate) const KEY: [u8; 32] = [1; 32];
pub(crate) const OTHER_KEY: [u8; 24] = [2; 24];

/// Listens until it is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    seen: Arc<Seen>,
    task: JoinHandle<()>,
}

/// A request that was signed well.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

#[derive(Default)]
struct Seen {
    requests: Mutex<Vec<Request>>,
    next: Mutex<Option<Response>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let program = Router::new().route("/mail", post(receive)).with_state(Arc::clone(&seen));
        let task = tokio::spawn(async move { axum::serve(listener, program).await.unwrap() });
        Self { port, seen, task }
    }

    /// What was taken, the oldest first.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Makes the next request be answered like this, and not be taken.
    pub(crate) fn answer_next(&self, answer: impl IntoResponse) {
        *self.seen.next.lock().unwrap() = Some(answer.into_response());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(State(seen): State<Arc<Seen>>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_signed(&KEY, &headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if let Some(answer) = seen.next.lock().unwrap().take() {
        return answer;
    }
    let body = serde_json::from_slice(&body).unwrap();
    seen.requests.lock().unwrap().push(Request { headers, body });
    StatusCode::ACCEPTED.into_response()
}

/// Whether one of the signatures was made with this key.
pub(crate) fn is_signed(key: &[u8], headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let mut code = Hmac::<Sha256>::new_from_slice(key).unwrap();
    code.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
    code.update(body);
    let expected = format!("v1,{}", BASE64_STANDARD.encode(code.finalize().into_bytes()));
    header("webhook-signature").split(' ').any(|signature| signature == expected)
}

/// The secret of a key.
pub(crate) fn secret(key: &[u8]) -> String {
    format!("whsec_{}", BASE64_STANDARD.encode(key))
}

/// The secrets of these keys.
pub(crate) fn secrets(keys: &[&[u8]]) -> Secrets {
    let secrets: Vec<_> = keys.iter().map(|key| secret(key)).collect();
    Secrets::parse(&secrets.join(" ")).unwrap()
}

/// Whoever listens on this port of this machine.
pub(crate) fn receiver(port: u16) -> Receiver {
    let endpoint = Endpoint::parse(&format!("http://127.0.0.1:{port}/mail?key=hidden")).unwrap();
    Receiver { endpoint, secrets: secrets(&[&KEY]), patience: Patience::default() }
}

pub(crate) fn mailer(receiver: Receiver) -> WebhookMail {
    WebhookMail::new(receiver, clock()).unwrap()
}

/// A clock that stands still.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(TurnableClock::default())
}

/// A mail with a link in it.
pub(crate) fn mail() -> OutgoingMail {
    let address = |text| EmailAddress::parse(text).unwrap();
    OutgoingMail {
        id: MailId::generate(&mut Moment::new(TurnableClock::START, [7; 32])),
        from: Sender { address: address("no-reply@bücher.example"), name: None },
        to: address("ada@example.com"),
        subject: "Hello".to_owned(),
        text: "https://example.com/?token=abc\n".into(),
        html: None,
    }
}
