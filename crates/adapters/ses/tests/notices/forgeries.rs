//! What somebody else posts.

use std::time::Duration;

use fastauth_ses::notices::{MAX_BODY, Refusal};
use serde_json::{Value, json};

use crate::sns::{
    OTHER_KEY, TOPIC, body, read, reader, refusal, signed, signed_with, unsigned, why,
};

fn genuine() -> Value {
    unsigned("Notification", "{}")
}

/// A message with one field changed after it was signed.
fn changed(field: &str, value: &str) -> Vec<u8> {
    let mut message = signed(genuine());
    message[field] = value.into();
    body(&message)
}

/// A message with one field changed before it was signed.
fn different(field: &str, value: &str) -> Vec<u8> {
    let mut message = genuine();
    message[field] = value.into();
    body(&signed(message))
}

#[tokio::test]
async fn a_message_that_was_changed_is_refused() {
    assert!(read(&body(&signed(genuine()))).await.is_ok());
    for (field, value) in [
        ("Message", "{ }"),
        ("MessageId", "another"),
        ("Subject", "added"),
        ("Timestamp", "2027-01-15T07:59:59.123Z"),
        ("Type", "UnsubscribeConfirmation"),
        ("Signature", ""),
        ("Signature", "AAAA"),
    ] {
        assert_eq!(refusal(&changed(field, value)).await, Refusal::Signature, "{field}");
    }
    let foreign = body(&signed_with(OTHER_KEY, genuine()));
    assert_eq!(refusal(&foreign).await, Refusal::Signature);
}

#[tokio::test]
async fn a_message_of_another_topic_is_refused_though_sns_signed_it() {
    let other = "arn:aws:sns:eu-central-1:666666666666:fastauth-mail";
    assert_eq!(refusal(&different("TopicArn", other)).await, Refusal::OtherTopic);
    // Nor does it help to say that it is ours, or to publish what ours would look like.
    let mut message = genuine();
    message["TopicArn"] = other.into();
    let mut message = signed(message);
    message["TopicArn"] = TOPIC.into();
    assert_eq!(refusal(&body(&message)).await, Refusal::Signature);

    let text = format!(
        "{{}}\nMessageId\n1\nTimestamp\n2027-01-15T07:59:58.123Z\nTopicArn\n{TOPIC}\nType\nNotification"
    );
    let mut message = unsigned("Notification", &text);
    message["TopicArn"] = other.into();
    let mut message = signed(message);
    message["Message"] = "{}".into();
    message["MessageId"] = "1".into();
    message["TopicArn"] = TOPIC.into();
    assert_eq!(refusal(&body(&message)).await, Refusal::Signature);
}

#[tokio::test]
async fn a_certificate_is_fetched_from_nowhere_but_sns() {
    for url in [
        "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-01.pem",
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-01.pem",
        "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-01.pem",
        "https://evil@sns.eu-central-1.amazonaws.com/SimpleNotificationService-01.pem",
        "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-01.pem",
        "https://sns.s3.amazonaws.com/SimpleNotificationService-01.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-01.pem",
        "https://sns.eu-central-1.amazonaws.com/other/SimpleNotificationService-01.pem",
        "file:///etc/passwd",
        "",
    ] {
        let (reader, sns) = reader();
        let answer = reader.receive(&different("SigningCertURL", url)).await;
        assert_eq!(why(answer), Refusal::ForeignUrl, "{url}");
        assert!(sns.fetched().is_empty());
    }
}

#[tokio::test]
async fn a_message_is_refused_an_hour_later() {
    let (reader, sns) = reader();
    let message = body(&signed(genuine()));
    sns.clock.advance(Duration::from_mins(59));
    assert!(reader.receive(&message).await.is_ok());
    sns.clock.advance(Duration::from_mins(1));
    assert_eq!(why(reader.receive(&message).await), Refusal::TooOld);
}

#[tokio::test]
async fn a_signature_over_a_weak_digest_is_refused() {
    for version in ["1", "3", ""] {
        let message = different("SignatureVersion", version);
        assert_eq!(refusal(&message).await, Refusal::SignatureVersion);
    }
}

#[tokio::test]
async fn what_is_not_written_by_sns_is_refused_before_anything_is_fetched() {
    let twice = String::from_utf8(body(&signed(genuine()))).unwrap();
    let twice = twice.replacen('{', r#"{"Message":"another","#, 1);
    let mut timeless = genuine();
    timeless["Timestamp"] = "now".into();
    let mut unknown = signed(genuine());
    unknown["Type"] = "Invitation".into();
    for malformed in [
        Vec::new(),
        b"hello".to_vec(),
        b"{}".to_vec(),
        "[".repeat(100_000).into_bytes(),
        body(&genuine()),
        body(&json!({ "eventType": "Delivery", "mail": {} })),
        twice.into_bytes(),
        body(&signed(timeless)),
        body(&unknown),
        changed("Signature", "not base64!"),
    ] {
        let (reader, sns) = reader();
        assert_eq!(why(reader.receive(&malformed).await), Refusal::Malformed);
        assert!(sns.fetched().is_empty());
    }
}

#[tokio::test]
async fn what_is_too_long_is_not_read() {
    let mut message = body(&signed(genuine()));
    message.resize(MAX_BODY, b' ');
    assert!(read(&message).await.is_ok());
    message.push(b' ');
    assert_eq!(refusal(&message).await, Refusal::TooLong);
}
