//! The certificates that messages are signed with.

use std::sync::{Arc, atomic::Ordering};

use fastauth_domain::time::Timestamp;
use fastauth_ses::notices::{NoticeError, Refusal};

use crate::sns::{CERTIFICATE, CERTIFICATE_URL, body, reader, signed, unsigned, why};

fn message() -> Vec<u8> {
    body(&signed(unsigned("Notification", "{}")))
}

#[tokio::test]
async fn a_certificate_is_fetched_once() {
    let (reader, sns) = reader();
    for _ in 0..3 {
        reader.receive(&message()).await.unwrap();
    }
    assert_eq!(sns.fetched(), [CERTIFICATE_URL]);
}

#[tokio::test]
async fn only_so_many_certificates_are_kept() {
    let (reader, sns) = reader();
    let at = |nth: u32| {
        let mut message = unsigned("Notification", "{}");
        message["SigningCertURL"] = CERTIFICATE_URL.replace(".pem", &format!("{nth:x}.pem")).into();
        body(&signed(message))
    };
    for nth in [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 2] {
        reader.receive(&at(nth)).await.unwrap();
    }
    assert_eq!(sns.fetched().len(), 9);
    reader.receive(&at(1)).await.unwrap();
    assert_eq!(sns.fetched().len(), 10);
}

#[tokio::test]
async fn a_message_that_cannot_be_verified_for_now_is_to_come_again() {
    let (reader, sns) = reader();
    sns.is_down.store(true, Ordering::SeqCst);
    let error = reader.receive(&message()).await.unwrap_err();
    assert!(matches!(error, NoticeError::Unavailable(_)), "{error}");
    sns.is_down.store(false, Ordering::SeqCst);
    assert!(reader.receive(&message()).await.is_ok());
}

#[tokio::test]
async fn strangers_do_not_make_us_fetch_many_certificates_at_once() {
    let (reader, sns) = reader();
    let reader = Arc::new(reader);
    sns.is_mute.store(true, Ordering::SeqCst);
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let reader = Arc::clone(&reader);
        waiting.spawn(async move { reader.receive(&message()).await.is_ok() });
    }
    while sns.fetched().len() < 4 {
        tokio::task::yield_now().await;
    }
    let error = reader.receive(&message()).await.unwrap_err();
    assert!(matches!(error, NoticeError::Unavailable(_)), "{error}");
    // Whoever gives up makes room.
    waiting.shutdown().await;
    sns.is_mute.store(false, Ordering::SeqCst);
    assert!(reader.receive(&message()).await.is_ok());
}

#[tokio::test]
async fn a_message_without_a_certificate_is_refused() {
    let (reader, sns) = reader();
    sns.is_empty.store(true, Ordering::SeqCst);
    assert_eq!(why(reader.receive(&message()).await), Refusal::Certificate);
    sns.is_empty.store(false, Ordering::SeqCst);
    let cut = CERTIFICATE.split_at(500).0;
    for instead in ["", "<html>", cut, &CERTIFICATE.replace("CERTIFICATE", "PUBLIC KEY")] {
        *sns.instead.lock().unwrap() = Some(instead.into());
        assert_eq!(why(reader.receive(&message()).await), Refusal::Certificate, "{instead}");
    }
    // None of that is kept.
    *sns.instead.lock().unwrap() = None;
    assert!(reader.receive(&message()).await.is_ok());
}

#[tokio::test]
async fn a_certificate_counts_from_its_first_day_to_its_last() {
    for (year, seconds, answer) in [
        (2020, 1_577_836_800, Err(Refusal::Certificate)),
        (2027, 1_798_761_600, Ok(())),
        (2200, 7_258_118_400, Ok(())),
        (2230, 8_204_803_200, Err(Refusal::Certificate)),
    ] {
        let (reader, sns) = reader();
        sns.clock.set(Timestamp::from_unix_micros(seconds * 1_000_000));
        let mut message = unsigned("Notification", "{}");
        message["Timestamp"] = format!("{year}-01-01T00:00:00Z").into();
        let received = reader.receive(&body(&signed(message))).await;
        let received = if received.is_ok() { Ok(()) } else { Err(why(received)) };
        assert_eq!(received, answer, "{year}");
    }
}
