//! Mail: whatever a name, a subject or a text is made of, a message has the headers that were written, one
//! recipient, and says what it was given.
//!
//! The input is the sender's name, the recipient, the subject, and the text.

#![no_main]

use fastauth_domain::{
    account::DisplayName, email::EmailAddress, identifier::MailId, moment::Moment, time::Timestamp,
};
use fastauth_fuzz::{ADA, lines};
use fastauth_mime::MimeMessage;
use fastauth_ports::mail::{OutgoingMail, Sender};
use libfuzzer_sys::fuzz_target;
use mail_parser::MessageParser;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

const NOW: Timestamp = Timestamp::from_unix_micros(1_800_000_000_000_000);
const ALONE: [&str; 8] = [
    "Message-ID",
    "Date",
    "Auto-Submitted",
    "From",
    "To",
    "Subject",
    "MIME-Version",
    "Content-Type",
];

fuzz_target!(|input: &str| {
    let [name, to, subject, text] = lines(input);
    let mail = OutgoingMail {
        // What it is, nobody knows who writes the text: the fuzzer would soon have read it.
        id: MailId::generate(&mut Moment::new(NOW, Sha256::digest(input).into())),
        from: Sender { address: ADA.clone(), name: DisplayName::parse(name).ok() },
        to: EmailAddress::parse(to).unwrap_or_else(|_| ADA.clone()),
        subject: subject.to_owned(),
        text: text.into(),
        html: None,
    };
    let with_html = OutgoingMail { html: Some(text.into()), ..mail.clone() };
    for mail in [mail, with_html] {
        let message = MimeMessage::write(&mail, NOW).unwrap();
        let content = message.content().expose_secret();
        every_line_is_one(content);
        headers_are_those_that_were_written(content);
        it_says_what_it_was_given(content, &mail);
        assert_eq!(message.envelope().to().len(), 1);
    }
});

fn every_line_is_one(content: &[u8]) {
    assert!(content.ends_with(b"\r\n"));
    for line in std::str::from_utf8(content).unwrap().split("\r\n") {
        assert!(line.len() <= 998 && !line.contains(['\r', '\n', '\0']), "{line:?}");
    }
}

fn headers_are_those_that_were_written(content: &[u8]) {
    let content = std::str::from_utf8(content).unwrap();
    let (head, _) = content.split_once("\r\n\r\n").unwrap();
    let begun = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    let mut names: Vec<_> = begun.map(|line| line.split_once(':').unwrap().0).collect();
    names.retain(|name| *name != "Content-Transfer-Encoding");
    names.sort_unstable();
    let mut expected = ALONE;
    expected.sort_unstable();
    assert_eq!(names, expected, "{head}");
}

fn it_says_what_it_was_given(content: &[u8], mail: &OutgoingMail) {
    let parsed = MessageParser::default().parse(content).unwrap();
    let from = parsed.from().and_then(|from| from.as_list()).unwrap();
    assert_eq!(from.len(), 1);
    assert_eq!(from[0].address(), Some("Ada@example.com"));
    assert_eq!(from[0].name(), mail.from.name.as_ref().map(DisplayName::as_str));
    let to = parsed.to().and_then(|to| to.as_list()).unwrap();
    let expected = format!("{}@{}", mail.to.local_part(), mail.to.ascii_domain());
    assert_eq!(to.iter().map(|it| it.address()).collect::<Vec<_>>(), [Some(&*expected)]);
    let subject = mail.subject.replace(char::is_control, " ");
    assert_eq!(parsed.subject().unwrap_or_default(), subject.trim());
    let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
    let given = mail.text.expose_secret().replace('\0', "");
    let given = given.replace("\r\n", "\n").replace('\r', "\n");
    assert_eq!(text.trim_end(), given.trim_end());
}
