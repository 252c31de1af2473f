//! Headers that the builder does not have, or folds where it should not.

use std::error::Error;

use email_encoding::headers::{rfc2047, writer::EmailWriter};
use fastauth_domain::identifier::MailId;
use lettre::message::header::{Header, HeaderName, HeaderValue};

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
    /// The text without what could begin another line.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
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
        // The builder leaves ASCII as it is, even where a reader would decode it.
        if !text.contains("=?") {
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
