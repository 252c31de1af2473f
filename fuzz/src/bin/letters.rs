//! Letters: what somebody typed is no more than text in them.
//!
//! The input is an address and a device.

#![no_main]

use std::sync::LazyLock;

use fastauth_domain::{
    account::DisplayName,
    email::EmailAddress,
    identifier::MailId,
    language::Language,
    mail::{Mail, Message},
    moment::Moment,
    time::Timestamp,
    visitor::DeviceName,
};
use fastauth_fuzz::{ADA, lines};
use fastauth_ports::letters::{Letter, WriteLetters};
use fastauth_templates::{Options, Templates};
use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret;

const NOW: Timestamp = Timestamp::from_unix_micros(1_800_000_000_000_000);

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| {
    let product = DisplayName::parse("Acme & Sons").unwrap();
    let language = language("en");
    Templates::load(Options { product, language, directory: None }).unwrap()
});

fuzz_target!(|input: &str| {
    let [address, device] = lines(input);
    let address = EmailAddress::parse(address).unwrap_or_else(|_| ADA.clone());
    let harmless = Message::EmailChangeRepeated(ADA.clone());
    are_alike(&Message::EmailChangeRepeated(address), &harmless);
    if let Some(device) = DeviceName::of(device) {
        let harmless = Message::NewSignIn(DeviceName::of("Firefox on Linux"));
        are_alike(&Message::NewSignIn(Some(device)), &harmless);
    }
});

/// But for the text in them.
fn are_alike(typed: &Message, harmless: &Message) {
    for tag in ["en", "de"] {
        let (typed, harmless) = (written(typed, tag), written(harmless, tag));
        assert_eq!(typed.subject, harmless.subject);
        assert_eq!(tags(&typed), tags(&harmless));
        assert_eq!(lines_of(&typed), lines_of(&harmless));
    }
}

fn written(message: &Message, tag: &str) -> Letter {
    let mut moment = Moment::new(NOW, [7; 32]);
    let mail = Mail {
        id: MailId::generate(&mut moment),
        account: None,
        to: ADA.clone(),
        message: message.clone(),
        language: Some(language(tag)),
        is_first_contact: false,
        client: None,
        created_at: NOW,
    };
    TEMPLATES.write(&mail, None).unwrap()
}

/// Everything in a document that is not text.
fn tags(letter: &Letter) -> Vec<String> {
    let html = letter.html.as_ref().unwrap().expose_secret();
    let begun = html.split('<').skip(1);
    begun.map(|tag| tag.split('>').next().unwrap_or_default().to_owned()).collect()
}

fn lines_of(letter: &Letter) -> usize {
    letter.text.expose_secret().lines().count()
}

fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap()
}
