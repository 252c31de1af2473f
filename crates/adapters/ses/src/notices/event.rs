//! What SES publishes, in both of its formats: notifications of an identity, which say
//! `notificationType`, and events of a configuration set, which say `eventType`.

use std::collections::HashMap;

use fastauth_domain::{
    delivery::{Event, Notice, Reason},
    identifier::MailId,
};
use serde::Deserialize;

use crate::MAIL_TAG;

/// What it says of a mail of ours, if so. Deliveries, bounces and complaints count; there are others,
/// and sentences such as the one that greets a new topic.
pub(crate) fn notice(text: &str) -> Option<Notice> {
    let published: Published = serde_json::from_str(text).ok()?;
    let mail = published.mail.id()?;
    let (event, words) = match (published.kind.as_str(), &published.bounce, &published.complaint) {
        ("Delivery", ..) => (Event::Delivered, Vec::new()),
        ("Bounce", Some(bounce), _) => (bounce.event(), bounce.words()),
        ("Complaint", _, Some(complaint)) => (Event::Complaint, complaint.words()),
        _ => return None,
    };
    let reason = (!words.is_empty()).then(|| Reason::new(&words.join(" ")));
    Some(Notice { mail, event, reason })
}

#[derive(Deserialize)]
struct Published {
    #[serde(rename = "eventType", alias = "notificationType")]
    kind: String,
    mail: Mail,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
struct Mail {
    /// Only events have them.
    #[serde(default)]
    tags: HashMap<String, Vec<String>>,
    /// As they were when SES got them. Notifications have them if the identity is set up so.
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

impl Mail {
    fn id(&self) -> Option<MailId> {
        let tag = self.tags.get(MAIL_TAG).and_then(|values| values.first());
        if let Some(value) = tag {
            return value.parse().ok();
        }
        let mut headers = self.headers.iter();
        let header = headers.find(|it| it.name.eq_ignore_ascii_case("Message-ID"))?;
        let (id, _domain) = header.value.strip_prefix('<')?.split_once('@')?;
        id.parse().ok()
    }
}

#[derive(Deserialize)]
struct Bounce {
    #[serde(rename = "bounceType")]
    kind: String,
    #[serde(rename = "bounceSubType")]
    cause: Option<String>,
    #[serde(default, rename = "bouncedRecipients")]
    recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
struct Recipient {
    /// Such as `5.1.1` (RFC 3463). What the recipient's server said besides often has the address.
    status: Option<String>,
}

impl Bounce {
    fn event(&self) -> Event {
        if self.kind == "Permanent" { Event::HardBounce } else { Event::SoftBounce }
    }

    fn words(&self) -> Vec<&str> {
        let status = self.recipients.first().and_then(|it| it.status.as_deref());
        words([Some(self.kind.as_str()), self.cause.as_deref(), status])
    }
}

#[derive(Deserialize)]
struct Complaint {
    #[serde(rename = "complaintFeedbackType")]
    kind: Option<String>,
    #[serde(rename = "complaintSubType")]
    cause: Option<String>,
}

impl Complaint {
    fn words(&self) -> Vec<&str> {
        words([self.kind.as_deref(), self.cause.as_deref()])
    }
}

/// Those of them that are single words, of which no address is one.
fn words<'a>(all: impl IntoIterator<Item = Option<&'a str>>) -> Vec<&'a str> {
    let is_in_words = |it: char| it.is_ascii_alphanumeric() || it == '.' || it == '-';
    all.into_iter().flatten().filter(|it| !it.is_empty() && it.chars().all(is_in_words)).collect()
}
