//! What a letter is about.

use fastauth_domain::{
    mail::{Mail, Message},
    time::Timestamp,
};
use minijinja::Value;
use time::OffsetDateTime;

use crate::letter::LetterKind;

/// In the link of an example, and nowhere else.
pub(crate) const SAMPLE_TOKEN: &str = "sample-token";

/// A moment as people write it who do not want to be taken for somewhere else: `2030-03-01 12:00 UTC`.
fn minute(at: Timestamp) -> String {
    let time = OffsetDateTime::from_unix_timestamp(at.unix_micros().div_euclid(1_000_000));
    let time = time.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, hour, minute) = (time.date(), time.hour(), time.minute());
    format!("{date} {hour:02}:{minute:02} UTC")
}

/// What templates are given beside the names of the product and of the language.
pub(crate) struct Facts {
    /// Whom it is to.
    pub(crate) email: String,
    /// The link it carries, and for how many minutes that works.
    pub(crate) link: Option<(String, u64)>,
    /// What only letters of this kind are given.
    pub(crate) own: Vec<(&'static str, Value)>,
}

impl Facts {
    /// Those of a mail.
    pub(crate) fn of(mail: &Mail, link: Option<String>) -> Self {
        let lifetime = mail.message.link().map(|link| link.expires_at.since(mail.created_at));
        let minutes = lifetime.map(|lifetime| (lifetime.as_secs() / 60).max(1));
        let own = match &mail.message {
            Message::NewSignIn(device) => {
                let device = device.as_ref().map_or("", |device| device.as_str());
                vec![("at", Value::from(minute(mail.created_at))), ("device", Value::from(device))]
            }
            Message::EmailChangeRequested { to, .. } | Message::EmailChangeRepeated(to) => {
                vec![("new_email", Value::from(to.to_string()))]
            }
            _ => Vec::new(),
        };
        Self { email: mail.to.to_string(), link: link.zip(minutes), own }
    }

    /// Made up.
    pub(crate) fn sample(kind: LetterKind) -> Self {
        let link =
            kind.carries_link().then(|| (format!("https://example.com/?token={SAMPLE_TOKEN}"), 60));
        let own = kind.own_variables().iter().map(|(name, sample)| (*name, Value::from(*sample)));
        Self { email: "ada@example.com".to_owned(), link, own: own.collect() }
    }
}
