//! What a letter is about.

use fastauth_domain::mail::Mail;
use minijinja::Value;

use crate::letter::LetterKind;

/// In the link of an example, and nowhere else.
pub(crate) const SAMPLE_TOKEN: &str = "sample-token";

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
        Self { email: mail.to.to_string(), link: link.zip(minutes), own: Vec::new() }
    }

    /// Made up.
    pub(crate) fn sample(kind: LetterKind) -> Self {
        let link =
            kind.carries_link().then(|| (format!("https://example.com/?token={SAMPLE_TOKEN}"), 60));
        let own = kind.own_variables().iter().map(|(name, sample)| (*name, Value::from(*sample)));
        Self { email: "ada@example.com".to_owned(), link, own: own.collect() }
    }
}
