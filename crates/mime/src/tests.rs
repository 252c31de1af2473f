use fastauth_domain::{account::DisplayName, moment::Moment};
use mail_parser::{Address as ParsedAddress, HeaderValue, MessageParser};

use super::*;

/// 2027-01-15 08:00:00 UTC.
const NOW: Timestamp = Timestamp::from_unix_micros(1_800_000_000_123_456);

fn mail() -> OutgoingMail {
    OutgoingMail {
        id: MailId::generate(&mut Moment::new(NOW, [7; 32])),
        from: Sender { address: email("no-reply@bücher.example"), name: None },
        to: email("Ada@Example.com"),
        subject: "Verify your email address".to_owned(),
        text: "Open this:\n\nhttps://example.com/?token=abc\n".into(),
        html: None,
    }
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn written(mail: &OutgoingMail) -> String {
    let message = MimeMessage::write(mail, NOW).unwrap();
    String::from_utf8(message.content().expose_secret().to_vec()).unwrap()
}

/// The name and the address of the one mailbox in a header.
fn only(address: Option<&ParsedAddress<'_>>) -> (Option<String>, String) {
    let ParsedAddress::List(mailboxes) = address.unwrap() else { panic!("{address:?}") };
    assert_eq!(mailboxes.len(), 1, "{mailboxes:?}");
    let owned = |text: &std::borrow::Cow<'_, str>| text.clone().into_owned();
    (mailboxes[0].name.as_ref().map(owned), owned(mailboxes[0].address.as_ref().unwrap()))
}

#[test]
fn a_message_has_the_headers_that_a_correct_one_has() {
    let mail = mail();
    let content = written(&mail);
    let (head, _) = content.split_once("\r\n\r\n").unwrap();
    let id = mail.id;
    for line in [
        format!("Message-ID: <{id}@xn--bcher-kva.example>").as_str(),
        "Date: Fri, 15 Jan 2027 08:00:00 +0000",
        "Auto-Submitted: auto-generated",
        "From: no-reply@xn--bcher-kva.example",
        "To: Ada@example.com",
        "Subject: Verify your email address",
        "MIME-Version: 1.0",
    ] {
        assert!(head.lines().any(|it| it == line), "{line} is not in\n{head}");
    }
}

#[test]
fn a_text_alone_is_text_and_one_with_html_has_alternatives() {
    let plain = written(&mail());
    let plain = MessageParser::default().parse(plain.as_bytes()).unwrap();
    assert!(plain.parts.len() == 1 && plain.body_text(0).unwrap().contains("token=abc"));

    let both = OutgoingMail { html: Some("<p>Grüße, <b>Ada</b></p>\n".into()), ..mail() };
    let both = written(&both);
    let both = MessageParser::default().parse(both.as_bytes()).unwrap();
    let HeaderValue::ContentType(kind) = both.header("Content-Type").unwrap() else { panic!() };
    assert_eq!(kind.subtype(), Some("alternative"));
    assert!(both.body_text(0).unwrap().contains("token=abc"));
    assert_eq!(both.body_html(0).unwrap().trim_end(), "<p>Grüße, <b>Ada</b></p>");
}

#[test]
fn every_line_is_short_and_ends_in_both_characters() {
    let mail = OutgoingMail {
        subject: "Ein sehr langer Betreff über Bücher und größere Dinge ".repeat(8),
        text: format!("{}\n.\nFrom here\r\nto there\n", "wort ".repeat(400)).into(),
        html: Some(format!("<p>{}</p>", "x".repeat(4_000)).into()),
        ..mail()
    };
    let content = written(&mail);
    assert!(content.is_ascii());
    for line in content.split("\r\n") {
        assert!(line.len() <= 998 && !line.contains(['\r', '\n']), "{line:?}");
    }
}

#[test]
fn no_line_ends_in_one_character_alone_and_no_nul_is_left() {
    let text = "From here\rto there\r\0\n.\n\0\r\n\r\r.\r";
    let mail = OutgoingMail { text: text.into(), html: Some(text.into()), ..mail() };
    let content = written(&mail);
    for line in content.split("\r\n") {
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
    }
    let parsed = MessageParser::default().parse(content.as_bytes()).unwrap();
    let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim_end(), "From here\nto there\n.\n\n\n\n.");
}

#[test]
fn names_and_subjects_arrive_as_they_were_written() {
    for name in [
        "FastAuth",
        "Müller & Söhne",
        "Ada \"Countess\" Lovelace, née Byron",
        "eve@example.com",
        "<eve@example.com>",
        "=?utf-8?q?Eve?=",
        "日本語の名前 🚀",
        "Back\\slash; semi: colon (comment)",
        "Zeile\u{2028}und\u{2029}Absatz",
    ] {
        let from = Sender {
            address: email("no-reply@example.com"),
            name: Some(DisplayName::parse(name).unwrap()),
        };
        let mail = OutgoingMail { from, subject: name.to_owned(), ..mail() };
        let content = written(&mail);
        let parsed = MessageParser::default().parse(content.as_bytes()).unwrap();
        let (shown, address) = only(parsed.from());
        assert_eq!(address, "no-reply@example.com", "{content}");
        assert_eq!(shown.as_deref(), Some(name), "{content}");
        assert_eq!(parsed.subject(), Some(name), "{content}");
    }
}

#[test]
fn a_subject_keeps_its_blanks_and_is_folded_however_long_its_words_are() {
    let (blanks, word) = ("Two  blanks".replace(' ', &" ".repeat(60)), "word".repeat(500));
    for subject in ["Grüße  von uns", "Bücher  größer", "a  b", &blanks, &word] {
        let content = written(&OutgoingMail { subject: subject.to_owned(), ..mail() });
        assert!(content.split("\r\n").all(|line| line.len() <= 78), "{content}");
        let parsed = MessageParser::default().parse(content.as_bytes()).unwrap();
        assert_eq!(parsed.subject(), Some(subject), "{content}");
    }
}

#[test]
fn a_subject_with_line_breaks_adds_no_header() {
    let subject = "Hello\r\nBcc: eve@example.com\r\n\r\nBody\0".to_owned();
    let content = written(&OutgoingMail { subject, ..mail() });
    let parsed = MessageParser::default().parse(content.as_bytes()).unwrap();
    assert!(parsed.bcc().is_none());
    assert_eq!(only(parsed.to()).1, "Ada@example.com");
    assert_eq!(parsed.subject(), Some("Hello  Bcc: eve@example.com    Body"));
}

#[test]
fn a_mail_has_one_recipient_in_its_envelope_whose_domain_is_ascii() {
    for (typed, told) in [
        ("Ada@Example.com", "Ada@example.com"),
        ("ada+tag@bücher.example", "ada+tag@xn--bcher-kva.example"),
        ("josé@example.com", "josé@example.com"),
        ("ada@localhost", "ada@localhost"),
        ("o'brien!#$%&*/=?^_`{|}~@example.com", "o'brien!#$%&*/=?^_`{|}~@example.com"),
    ] {
        let message = MimeMessage::write(&OutgoingMail { to: email(typed), ..mail() }, NOW);
        let message = message.unwrap();
        let recipients: Vec<String> =
            message.envelope().to().iter().map(ToString::to_string).collect();
        assert_eq!(recipients, [told]);
        let sender = message.envelope().from().map(ToString::to_string);
        assert_eq!(sender.as_deref(), Some("no-reply@xn--bcher-kva.example"));
    }
}

#[test]
fn a_message_that_is_written_again_differs_in_its_date_alone() {
    let mail = OutgoingMail { html: Some("<p>Hello</p>".into()), ..mail() };
    let later = MimeMessage::write(&mail, NOW.plus(Duration::from_hours(1))).unwrap();
    let later = String::from_utf8(later.content().expose_secret().to_vec()).unwrap();
    assert_eq!(written(&mail), later.replace("09:00:00", "08:00:00"));
}

#[test]
fn nothing_of_what_a_mail_says_is_in_its_debug_output() {
    let told = format!("{:?}", MimeMessage::write(&mail(), NOW).unwrap());
    assert!(!told.contains("token=abc"), "{told}");
}

#[test]
fn a_clock_that_stands_anywhere_gives_a_date() {
    for micros in [i64::MIN, -1, 0, i64::MAX] {
        assert!(MimeMessage::write(&mail(), Timestamp::from_unix_micros(micros)).is_ok());
    }
}
