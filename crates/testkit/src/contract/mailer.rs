//! Sending mail.

use fastauth_domain::{account::DisplayName, email::EmailAddress, identifier::MailId};
use fastauth_ports::mail::{NotSent, OutgoingMail, Sender};

use super::flows::{address, moment};
use crate::mailer::{Arrived, Refusal, TestedMailer};

/// What names and subjects look like that somebody hopes to break out of a header with.
const TRICKS: [&str; 9] = [
    "Müller & Söhne 🚀",
    "Ada \"Countess\" Lovelace, née Byron",
    "eve@example.com, mallory@example.com",
    "<eve@example.com>",
    "\" <eve@example.com>, \"",
    "=?utf-8?q?Eve=0D=0ABcc:_eve@example.com?=",
    "Back\\slash; semi: colon (comment)",
    "Line\u{2028}Bcc: eve@example.com",
    "%0d%0aBcc: eve@example.com",
];

pub async fn a_mail_arrives_once_at_its_one_recipient(mailer: &dyn TestedMailer) {
    let mail = mail(1);
    mailer.mailer().send(&mail).await.unwrap();
    let arrived = only(mailer).await;
    assert_eq!(keys(&arrived.recipients), [mail.to.key().as_str()]);
    assert_eq!(keys(&[arrived.from]), [mail.from.address.key().as_str()]);
    assert_eq!(arrived.from_name, None);
}

pub async fn what_a_mail_says_arrives_whole(mailer: &dyn TestedMailer) {
    let long = "a line that is as long as any that people write ".repeat(60);
    let link = format!("https://example.com/verify-email?token={}", "t=".repeat(60));
    let text = format!(
        "Grüße an Ada, 日本 und 🚀:\n\n{link}\n\n.\n.two dots.\n..\nFrom me\n--=_\n=20\n{long}.\n"
    );
    let html = format!("<p>Grüße &amp; <a href=\"{link}\">Łódź</a></p>\n.\n<p>{long}</p>\n");
    let mail = OutgoingMail {
        subject: "Bestätige deine Adresse: 日本語, Łódź und 🚀".to_owned(),
        text: text.as_str().into(),
        html: Some(html.as_str().into()),
        ..mail(2)
    };
    mailer.mailer().send(&mail).await.unwrap();
    let arrived = only(mailer).await;
    assert_eq!(arrived.subject, mail.subject);
    assert_eq!(arrived.text.trim_end(), text.trim_end());
    if mailer.carries_html() {
        assert_eq!(arrived.html.as_deref().map(str::trim_end), Some(html.trim_end()));
    }
}

pub async fn a_mail_without_html_arrives_without_html(mailer: &dyn TestedMailer) {
    mailer.mailer().send(&mail(3)).await.unwrap();
    let arrived = only(mailer).await;
    assert_eq!((arrived.text.trim_end(), arrived.html), ("Read this.", None));
}

pub async fn every_mail_arrives_at_its_own_recipient(mailer: &dyn TestedMailer) {
    let mails: Vec<_> = ["ada@example.com", "bob@example.com", "Cyd+tag@bücher.example"]
        .into_iter()
        .zip(4..)
        .map(|(to, nth)| OutgoingMail { to: address(to), ..mail(nth) })
        .collect();
    for mail in &mails {
        mailer.mailer().send(mail).await.unwrap();
    }
    let mut arrived: Vec<_> =
        mailer.arrived().await.iter().map(|mail| keys(&mail.recipients)).collect();
    arrived.sort();
    let mut sent: Vec<_> =
        mails.iter().map(|mail| vec![mail.to.key().as_str().to_owned()]).collect();
    sent.sort();
    assert_eq!(arrived, sent);
}

pub async fn a_repeat_is_known_by_its_identifier(mailer: &dyn TestedMailer) {
    let (mail, other) = (mail(7), mail(8));
    for mail in [&mail, &mail, &other] {
        mailer.mailer().send(mail).await.unwrap();
    }
    let arrived = mailer.arrived().await;
    let repeats = if mailer.repeats_replace() { 1 } else { 2 };
    assert_eq!(arrived.len(), repeats + 1);
    if let Some(id) = &arrived[0].id {
        let same = arrived.iter().filter(|mail| mail.id.as_ref() == Some(id)).count();
        assert!(id.contains(&mail.id.to_string()) && same == repeats, "{arrived:#?}");
    }
}

pub async fn a_name_cannot_break_out_of_its_header(mailer: &dyn TestedMailer) {
    // Line breaks are kept out by the type.
    assert!(DisplayName::parse("Ada\r\nBcc: eve@example.com").is_err());
    for (name, nth) in TRICKS.into_iter().zip(10..) {
        let mut mail = mail(nth);
        mail.from.name = Some(DisplayName::parse(name).unwrap());
        mailer.mailer().send(&mail).await.unwrap();
        let arrived = mailer.arrived().await.pop().unwrap();
        assert_eq!(arrived.from_name.as_deref(), Some(name));
        is_only_for_its_recipient(&arrived, &mail);
    }
}

pub async fn a_subject_cannot_break_out_of_its_header(mailer: &dyn TestedMailer) {
    let breaks =
        ["Hi\r\nBcc: eve@example.com", "Hi\nTo: eve@example.com", "Hi\r\n\r\nbody", "Hi\0"];
    for (subject, nth) in TRICKS.into_iter().chain(breaks).zip(30..) {
        let mail = OutgoingMail { subject: subject.to_owned(), ..mail(nth) };
        mailer.mailer().send(&mail).await.unwrap();
        let arrived = mailer.arrived().await.pop().unwrap();
        if !subject.contains(char::is_control) {
            assert_eq!(arrived.subject, subject);
        }
        assert_eq!(arrived.text.trim_end(), "Read this.");
        is_only_for_its_recipient(&arrived, &mail);
    }
}

pub async fn a_refusal_for_now_is_temporary_and_one_for_good_is_not(mailer: &dyn TestedMailer) {
    let mail = mail(50);
    if mailer.refuse_next(Refusal::ForNow).await {
        let error = mailer.mailer().send(&mail).await.unwrap_err();
        assert!(matches!(error, NotSent::Temporary(_)), "{error}");
        tells_nothing(&error, &mail);
    }
    if mailer.refuse_next(Refusal::ForGood).await {
        let error = mailer.mailer().send(&mail).await.unwrap_err();
        assert!(matches!(error, NotSent::Permanent(_)), "{error}");
        tells_nothing(&error, &mail);
    }
    // Neither has arrived, and neither is held against the next.
    mailer.mailer().send(&mail).await.unwrap();
    assert_eq!(mailer.arrived().await.len(), 1);
}

fn mail(nth: u64) -> OutgoingMail {
    OutgoingMail {
        id: MailId::generate(&mut moment(nth)),
        from: Sender { address: address("no-reply@example.org"), name: None },
        to: address("Ada.Lovelace@Example.com"),
        subject: "Hello".to_owned(),
        text: "Read this.\n".into(),
        html: None,
    }
}

async fn only(mailer: &dyn TestedMailer) -> Arrived {
    let mut arrived = mailer.arrived().await;
    assert_eq!(arrived.len(), 1, "{arrived:#?}");
    arrived.remove(0)
}

/// The accounts of addresses, however they are spelt.
fn keys(addresses: &[String]) -> Vec<String> {
    let key = |text: &String| EmailAddress::parse(text).unwrap().key().as_str().to_owned();
    addresses.iter().map(key).collect()
}

fn is_only_for_its_recipient(arrived: &Arrived, mail: &OutgoingMail) {
    assert_eq!(keys(&arrived.recipients), [mail.to.key().as_str()], "{arrived:#?}");
    assert_eq!(keys(std::slice::from_ref(&arrived.from)), [mail.from.address.key().as_str()]);
    let mut headers = arrived.headers.clone();
    headers.sort();
    headers.dedup();
    assert_eq!(headers.len(), arrived.headers.len(), "a header is there twice: {arrived:#?}");
    assert!(!headers.iter().any(|name| name == "bcc" || name == "cc"), "{arrived:#?}");
}

/// Errors are logged.
fn tells_nothing(error: &NotSent, mail: &OutgoingMail) {
    let told = format!("{error} {error:?}").to_lowercase();
    assert!(!told.contains(mail.to.local_part().to_lowercase().as_str()), "{told}");
    assert!(!told.contains("read this"), "{told}");
}
