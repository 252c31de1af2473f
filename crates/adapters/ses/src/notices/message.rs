//! Messages as SNS posts them.

use base64::{Engine, prelude::BASE64_STANDARD};
use fastauth_domain::time::Timestamp;
use serde::{Deserialize, Deserializer, de::Error as _};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::Refusal;

/// A message, as anybody may have written it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Message {
    #[serde(rename = "Type")]
    pub(crate) kind: Kind,
    pub(crate) topic_arn: String,
    #[serde(rename = "Message")]
    pub(crate) text: String,
    pub(crate) signature_version: String,
    #[serde(deserialize_with = "base64")]
    pub(crate) signature: Vec<u8>,
    #[serde(rename = "SigningCertURL")]
    pub(crate) signing_cert_url: String,
    #[serde(rename = "SubscribeURL")]
    pub(crate) subscribe_url: Option<String>,
    #[serde(rename = "MessageId")]
    id: String,
    timestamp: String,
    subject: Option<String>,
    token: Option<String>,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Kind {
    /// Somebody has published something.
    Notification,
    /// Somebody asks whether a subscription is wanted.
    SubscriptionConfirmation,
    /// Somebody has ended a subscription.
    UnsubscribeConfirmation,
}

impl Message {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(body).map_err(|_| Refusal::Malformed)
    }

    /// When it was published.
    pub(crate) fn sent_at(&self) -> Result<Timestamp, Refusal> {
        let moment =
            OffsetDateTime::parse(&self.timestamp, &Rfc3339).map_err(|_| Refusal::Malformed)?;
        let micros = moment.unix_timestamp_nanos() / 1_000;
        let micros = i64::try_from(micros).map_err(|_| Refusal::Malformed)?;
        Ok(Timestamp::from_unix_micros(micros))
    }

    /// What its signature is of: names and values in the order of names, each on a line of its own.
    ///
    /// Line breaks in values are not marked. SNS signs for everybody, so that somebody could publish,
    /// in a topic of theirs, what looks like other fields. But the topic and the kind come last,
    /// where nothing published can stand in for them.
    pub(crate) fn signed_text(&self) -> String {
        let kind = match self.kind {
            Kind::Notification => "Notification",
            Kind::SubscriptionConfirmation => "SubscriptionConfirmation",
            Kind::UnsubscribeConfirmation => "UnsubscribeConfirmation",
        };
        let is_notification = self.kind == Kind::Notification;
        let subject = self.subject.as_deref().filter(|_| is_notification);
        let subscribe_url = self.subscribe_url.as_deref().filter(|_| !is_notification);
        let token = self.token.as_deref().filter(|_| !is_notification);
        let fields = [
            ("Message", Some(self.text.as_str())),
            ("MessageId", Some(&self.id)),
            ("Subject", subject),
            ("SubscribeURL", subscribe_url),
            ("Timestamp", Some(&self.timestamp)),
            ("Token", token),
            ("TopicArn", Some(&self.topic_arn)),
            ("Type", Some(kind)),
        ];
        let line = |(name, value): (&str, Option<&str>)| Some(format!("{name}\n{}\n", value?));
        fields.into_iter().filter_map(line).collect::<Vec<_>>().concat()
    }
}

fn base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64_STANDARD.decode(text).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(kind: &str) -> Message {
        let body = json!({
            "Type": kind,
            "MessageId": "id",
            "Token": "token",
            "TopicArn": "topic",
            "Subject": "subject",
            "Message": "line\nline",
            "SubscribeURL": "url",
            "Timestamp": "2027-01-15T08:00:00.123Z",
            "SignatureVersion": "2",
            "Signature": "AAAA",
            "SigningCertURL": "url",
            "UnsubscribeURL": "url",
        });
        Message::parse(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_is_signed_depends_on_what_the_message_is_for() {
        assert_eq!(
            message("Notification").signed_text(),
            "Message\nline\nline\nMessageId\nid\nSubject\nsubject\n\
             Timestamp\n2027-01-15T08:00:00.123Z\nTopicArn\ntopic\nType\nNotification\n"
        );
        for kind in ["SubscriptionConfirmation", "UnsubscribeConfirmation"] {
            let text = format!(
                "Message\nline\nline\nMessageId\nid\nSubscribeURL\nurl\n\
                 Timestamp\n2027-01-15T08:00:00.123Z\nToken\ntoken\nTopicArn\ntopic\nType\n{kind}\n"
            );
            assert_eq!(message(kind).signed_text(), text);
        }
        let without_subject = Message { subject: None, ..message("Notification") };
        assert!(!without_subject.signed_text().contains("Subject"));
    }

    #[test]
    fn a_message_tells_when_it_was_published() {
        let sent_at = message("Notification").sent_at().unwrap();
        assert_eq!(sent_at.unix_micros(), 1_800_000_000_123_000);
        let timeless = Message { timestamp: "yesterday".to_owned(), ..message("Notification") };
        assert_eq!(timeless.sent_at(), Err(Refusal::Malformed));
    }
}
