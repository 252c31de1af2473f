//! Beginning and ending a subscription.

use std::sync::atomic::Ordering;

use fastauth_ses::notices::{NoticeError, Refusal};
use serde_json::Value;

use crate::sns::{
    CERTIFICATE_URL, OTHER_KEY, SUBSCRIBE_URL, body, reader, signed, signed_with, unsigned, why,
};

fn request() -> Value {
    let mut message = unsigned("SubscriptionConfirmation", "You have chosen to subscribe.");
    message["Token"] = "2336412f37".into();
    message["SubscribeURL"] = SUBSCRIBE_URL.into();
    message
}

#[tokio::test]
async fn a_request_of_the_topic_is_granted() {
    let (reader, sns) = reader();
    assert_eq!(reader.receive(&body(&signed(request()))).await.unwrap(), []);
    assert_eq!(sns.fetched(), [CERTIFICATE_URL, SUBSCRIBE_URL]);
}

#[tokio::test]
async fn a_request_is_not_granted_before_it_is_verified() {
    let mut changed = signed(request());
    changed["SubscribeURL"] = format!("{SUBSCRIBE_URL}0").into();
    let mut other_token = signed(request());
    other_token["Token"] = "0".into();
    for forged in [signed_with(OTHER_KEY, request()), changed, other_token] {
        let (reader, sns) = reader();
        assert_eq!(why(reader.receive(&body(&forged)).await), Refusal::Signature);
        assert_eq!(sns.fetched(), [CERTIFICATE_URL]);
    }
}

#[tokio::test]
async fn nothing_is_asked_of_a_place_that_is_not_of_sns() {
    for url in [
        "http://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=1",
        "https://sns.eu-central-1.amazonaws.com.evil.example/?Action=ConfirmSubscription&Token=1",
        "https://user@sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=1",
        "https://sns.eu-central-1.amazonaws.com:8443/?Action=ConfirmSubscription&Token=1",
        "https://169.254.169.254/latest/meta-data/",
    ] {
        let mut request = request();
        request["SubscribeURL"] = url.into();
        let (reader, sns) = reader();
        assert_eq!(why(reader.receive(&body(&signed(request))).await), Refusal::ForeignUrl);
        assert!(sns.fetched().is_empty(), "{url}");
    }
    let mut nowhere = request();
    nowhere["SubscribeURL"].take();
    assert_eq!(why(reader().0.receive(&body(&signed(nowhere))).await), Refusal::Malformed);
}

#[tokio::test]
async fn a_request_that_sns_does_not_know_any_more_is_refused_and_one_it_cannot_answer_is_not() {
    let (reader, sns) = reader();
    reader.receive(&body(&signed(request()))).await.unwrap();
    sns.is_empty.store(true, Ordering::SeqCst);
    assert_eq!(why(reader.receive(&body(&signed(request()))).await), Refusal::Unconfirmed);
    sns.is_down.store(true, Ordering::SeqCst);
    let error = reader.receive(&body(&signed(request()))).await.unwrap_err();
    assert!(matches!(error, NoticeError::Unavailable(_)), "{error}");
}

#[tokio::test]
async fn the_end_of_a_subscription_comes_to_nothing_and_is_not_undone() {
    let mut message = request();
    message["Type"] = "UnsubscribeConfirmation".into();
    let (reader, sns) = reader();
    assert_eq!(reader.receive(&body(&signed(message))).await.unwrap(), []);
    assert_eq!(sns.fetched(), [CERTIFICATE_URL]);
}
