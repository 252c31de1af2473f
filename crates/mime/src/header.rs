//! Headers that the builder does not have, or folds where it should not.

use std::error::Error;

use email_encoding::headers::{rfc2047, writer::EmailWriter};
use fastauth_domain::identifier::MailId;
use lettre::message::header::{Header, HeaderName, HeaderValue};

/// The longest word of a subject that is left as it is: it has room on a line (RFC 5322 section 2.1.1).
const MAX_WORD: usize = 76;

/// `Message-ID` (RFC 5322 section 3.6.4), on one line however long the domain is.
#[derive(Clone)]
pub(crate) struct MessageId(String);

impl MessageId {
    /// Of a mail and the ASCII form of its sender's domain.
    pub(crate) fn new(mail: MailId, domain: &str) -> Self {
        Self(format!("<{mail}@{domain}>"))
    }
}

impl Header for MessageId {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Message-ID")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        // An identifier and the ASCII form of a domain have nothing in them to be encoded.
        HeaderValue::dangerous_new_pre_encoded(Self::name(), self.0.clone(), self.0.clone())
    }
}

/// `Subject`, encoded where it has to be.
#[derive(Clone)]
pub(crate) struct Subject(String);

impl Subject {
    /// The text without what could begin another line, and without blanks around it.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.replace(char::is_control, " ").trim().to_owned())
    }
}

impl Header for Subject {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Subject")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self::new(text))
    }

    fn display(&self) -> HeaderValue {
        let text = self.0.clone();
        if is_plain(&text) {
            return HeaderValue::new(Self::name(), text);
        }
        let mut encoded = String::new();
        let mut writer = EmailWriter::new(&mut encoded, "Subject: ".len(), 0, false);
        // Writing to a `String` cannot fail.
        let _ = rfc2047::encode(&text, &mut writer);
        drop(writer);
        HeaderValue::dangerous_new_pre_encoded(Self::name(), text, encoded)
    }
}

/// Whether the builder writes a text so that readers see it as it is. It leaves ASCII as it is, even where
/// a reader would decode it, and cannot fold what has no blanks; and of several blanks some get lost, or
/// all of them between words that it encodes (RFC 2047 section 6.2).
fn is_plain(text: &str) -> bool {
    let is_short = |word: &str| (1..=MAX_WORD).contains(&word.len());
    text.is_ascii() && !text.contains("=?") && text.split(' ').all(is_short)
}

/// `Auto-Submitted: auto-generated` (RFC 3834 section 5): no machine should answer.
#[derive(Clone)]
pub(crate) struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
