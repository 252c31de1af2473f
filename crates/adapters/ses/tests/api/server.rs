//! A stand-in for SES on this machine.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use crate::signature;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sesv2::config::{Credentials, SharedCredentialsProvider};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use fastauth_domain::{email::EmailAddress, identifier::MailId, moment::Moment};
use fastauth_ports::{
    clock::Clock,
    mail::{OutgoingMail, Sender},
};
use fastauth_ses::{Options, SesMail};
use fastauth_testkit::clock::TurnableClock;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

pub(crate) const REGION: &str = "eu-central-1";
pub(crate) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// What the server answers instead of taking the mail.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In the header that names the error.
    pub(crate) header: Option<&'static str>,
    pub(crate) body: String,
}

impl Answer {
    /// An error as SES answers it.
    pub(crate) fn error(status: u16, code: &'static str, message: &str) -> Self {
        Self { status, header: Some(code), body: json!({ "message": message }).to_string() }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap();
        let mut response = (status, self.body).into_response();
        if let Some(code) = self.header {
            response.headers_mut().insert("x-amzn-errortype", code.parse().unwrap());
        }
        response
    }
}

#[derive(Debug, Default)]
struct Log {
    requests: Vec<Value>,
    answers: VecDeque<Answer>,
}

#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    log: Arc<Mutex<Log>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(Mutex::new(Log::default()));
        let routes = Router::new().fallback(take).with_state(Arc::clone(&log));
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { port, log, task }
    }

    pub(crate) fn mailer(&self) -> SesMail {
        mailer(self.options())
    }

    pub(crate) fn options(&self) -> Options {
        options(self.port)
    }

    /// Makes the server answer the next request so.
    pub(crate) fn answer(&self, answer: Answer) {
        self.log.lock().unwrap().answers.push_back(answer);
    }

    /// What was asked in the requests that were taken.
    pub(crate) fn requests(&self) -> Vec<Value> {
        self.log.lock().unwrap().requests.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How a server at this port is spoken to.
pub(crate) fn options(port: u16) -> Options {
    let endpoint_url = format!("http://127.0.0.1:{port}").parse().unwrap();
    Options {
        region: Some(REGION.to_owned()),
        endpoint_url: Some(endpoint_url),
        ..Options::default()
    }
}

pub(crate) fn mailer(options: Options) -> SesMail {
    SesMail::with_aws_config(&aws_config(SECRET), options, clock())
}

/// The configuration of a program that has credentials.
pub(crate) fn aws_config(secret: &str) -> SdkConfig {
    let credentials = Credentials::new(KEY, secret, None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

/// A clock that stands still.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(TurnableClock::default())
}

/// A mail to an address.
pub(crate) fn mail(to: &str) -> OutgoingMail {
    let address = |text| EmailAddress::parse(text).unwrap();
    let mut moment = Moment::new(TurnableClock::START, [7; 32]);
    OutgoingMail {
        id: MailId::generate(&mut moment),
        from: Sender { address: address("no-reply@example.org"), name: None },
        to: address(to),
        subject: "Hello".to_owned(),
        text: "Read this.\n".into(),
        html: None,
    }
}

/// Answers a request. The SDK sets its clock by the date of answers, so that they have ours.
async fn take(
    log: State<Arc<Mutex<Log>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = answer(log, &method, &uri, &headers, &body);
    ([("date", "Fri, 15 Jan 2027 08:00:00 GMT")], answer).into_response()
}

fn answer(
    State(log): State<Arc<Mutex<Log>>>,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    if !signature::is_signed((method, uri), headers, body, (KEY, SECRET, REGION)) {
        return Answer::error(403, "InvalidSignatureException", "no").into_response();
    }
    assert_eq!((method.as_str(), uri.path()), ("POST", "/v2/email/outbound-emails"));
    assert_eq!(headers["content-type"], "application/json");
    // Where the clock stands.
    assert_eq!(headers["x-amz-date"], "20270115T080000Z");
    let mut log = log.lock().unwrap();
    if let Some(answer) = log.answers.pop_front() {
        return answer.into_response();
    }
    log.requests.push(serde_json::from_slice(body).unwrap());
    let id = format!("0100{:04}-00000000", log.requests.len());
    Json(json!({ "MessageId": id })).into_response()
}
