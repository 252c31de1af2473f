//! A stand-in for SNS that signs as SNS does.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use fastauth_domain::delivery::Notice;
use fastauth_ports::{clock::Clock, unavailable::Unavailable};
use fastauth_ses::notices::{FetchFromSns, NoticeError, Refusal, SnsNotices, SnsUrl};
use fastauth_testkit::clock::TurnableClock;
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use serde_json::{Value, json};

pub(crate) const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:fastauth-mail";
pub(crate) const CERTIFICATE_URL: &str =
    "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem";
pub(crate) const SUBSCRIBE_URL: &str = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription\
     &TopicArn=arn:aws:sns:eu-central-1:123456789012:fastauth-mail&Token=2336412f37";

const KEY: &str = include_str!("fixtures/test-only-key.pem");
pub(crate) const CERTIFICATE: &str = include_str!("fixtures/test-only-certificate.pem");
/// Somebody else's.
pub(crate) const OTHER_KEY: &str = include_str!("fixtures/test-only-other-key.pem");

/// What is at SNS, and who asked for it.
#[derive(Debug, Default)]
pub(crate) struct Sns {
    pub(crate) clock: Arc<TurnableClock>,
    pub(crate) fetched: Mutex<Vec<String>>,
    /// What is there instead of the certificate.
    pub(crate) instead: Mutex<Option<Vec<u8>>>,
    /// Nothing is there.
    pub(crate) is_empty: AtomicBool,
    /// Nobody answers.
    pub(crate) is_down: AtomicBool,
    /// An answer takes for ever.
    pub(crate) is_mute: AtomicBool,
}

#[async_trait]
impl FetchFromSns for Sns {
    async fn fetch(&self, url: &SnsUrl) -> Result<Option<Vec<u8>>, Unavailable> {
        self.fetched.lock().unwrap().push(url.as_str().to_owned());
        if self.is_down.load(Ordering::SeqCst) {
            return Err(Unavailable::new("told to fail"));
        }
        if self.is_mute.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.is_empty.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let instead = self.instead.lock().unwrap().clone();
        Ok(Some(instead.unwrap_or_else(|| CERTIFICATE.as_bytes().to_vec())))
    }
}

impl Sns {
    pub(crate) fn fetched(&self) -> Vec<String> {
        self.fetched.lock().unwrap().clone()
    }
}

/// A reader of the topic, and what it reads from.
pub(crate) fn reader() -> (SnsNotices, Arc<Sns>) {
    let sns = Arc::new(Sns::default());
    let clock = Arc::clone(&sns.clock) as Arc<dyn Clock>;
    (SnsNotices::new(TOPIC.parse().unwrap(), Arc::clone(&sns) as _, clock), sns)
}

/// What a reader makes of a body.
pub(crate) async fn read(body: &[u8]) -> Result<Vec<Notice>, NoticeError> {
    reader().0.receive(body).await
}

/// Why a body is refused.
pub(crate) async fn refusal(body: &[u8]) -> Refusal {
    why(read(body).await)
}

/// Why it was refused.
pub(crate) fn why(answer: Result<Vec<Notice>, NoticeError>) -> Refusal {
    match answer.unwrap_err() {
        NoticeError::Refused(refusal) => refusal,
        NoticeError::Unavailable(error) => unreachable!("{error}"),
    }
}

/// A message of the topic that is not signed yet, published just now.
pub(crate) fn unsigned(kind: &str, message: &str) -> Value {
    json!({
        "Type": kind,
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": message,
        "Timestamp": "2027-01-15T07:59:58.123Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
    })
}

/// The same, signed with SNS's key.
pub(crate) fn signed(message: Value) -> Value {
    signed_with(KEY, message)
}

pub(crate) fn signed_with(key: &str, mut message: Value) -> Value {
    let mut names = vec!["Message", "MessageId"];
    names.extend(match message["Type"].as_str().unwrap() {
        "Notification" => ["Subject", "Timestamp"].as_slice(),
        _ => ["SubscribeURL", "Timestamp", "Token"].as_slice(),
    });
    names.extend(["TopicArn", "Type"]);
    let mut text = String::new();
    for name in names {
        if let Some(value) = message[name].as_str() {
            text.extend([name, "\n", value, "\n"]);
        }
    }
    let base64: String = key.lines().filter(|line| !line.starts_with("-----")).collect();
    let key = RsaKeyPair::from_pkcs8(&BASE64_STANDARD.decode(base64).unwrap()).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    message["Signature"] = BASE64_STANDARD.encode(signature).into();
    message
}

/// A notification that is signed, as it is posted.
pub(crate) fn notification(message: &Value) -> Vec<u8> {
    body(&signed(unsigned("Notification", &message.to_string())))
}

pub(crate) fn body(message: &Value) -> Vec<u8> {
    message.to_string().into_bytes()
}
