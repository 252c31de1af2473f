//! Notices of what became of mail, from whoever it was handed to.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use fastauth_domain::{
    delivery::{Event, Notice, Reason},
    time::Timestamp,
};
use fastauth_ports::{
    clock::Clock,
    notices::{NotRead, Posted, ReadNotices},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::signature::{Message, Secrets};

/// How far a request's time may be from ours, in either direction. A request that somebody has
/// listened to is of no use to them afterwards.
const TOLERANCE: Duration = Duration::from_mins(5);

/// Reads notices that are signed.
pub struct SignedNotices {
    secrets: Secrets,
    clock: Arc<dyn Clock>,
}

/// The headers of a request that say who it is from. One that is missing is empty.
#[derive(Clone, Copy, Debug)]
pub struct SignatureHeaders<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub timestamp: &'a str,
    /// `webhook-signature`.
    pub signature: &'a str,
}

/// The request counts for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeRefused {
    /// It has no identifier, or one with a full stop in it, with which it could pass for another.
    #[error("webhook-id is missing, or has a full stop in it")]
    Id,
    /// It has no time in whole seconds, or one that is too far from ours: it is a repeat by somebody
    /// who listened, or one of the clocks is wrong.
    #[error("webhook-timestamp is missing, or more than five minutes from our time")]
    Timestamp,
    /// None of its signatures was made with a secret that we know, of what was received.
    #[error("webhook-signature is not of this request")]
    Signature,
    /// It was signed by somebody who knows a secret, but is no notice.
    #[error("the body is not the JSON of a notice")]
    Body,
}

impl SignedNotices {
    /// Believes whoever knows one of these secrets.
    pub fn new(secrets: Secrets, clock: Arc<dyn Clock>) -> Self {
        Self { secrets, clock }
    }

    /// Reads a request, whose body is as it was received, octet by octet. What it tells of things
    /// other than our mail is no notice, and no error either: its sender would try it again.
    pub fn receive(
        &self,
        headers: SignatureHeaders<'_>,
        body: &[u8],
    ) -> Result<Vec<Notice>, NoticeRefused> {
        let SignatureHeaders { id, timestamp, signature } = headers;
        if id.is_empty() || id.contains('.') {
            return Err(NoticeRefused::Id);
        }
        if !self.is_near(timestamp) {
            return Err(NoticeRefused::Timestamp);
        }
        if !self.secrets.have_signed(&Message { id, timestamp, body }, signature) {
            return Err(NoticeRefused::Signature);
        }
        read(body).map(Vec::from_iter).map_err(|_| NoticeRefused::Body)
    }

    /// Whether this is a time in seconds since the Unix epoch, and near the present.
    fn is_near(&self, timestamp: &str) -> bool {
        let micros = timestamp.parse::<i64>().ok().and_then(|it| it.checked_mul(1_000_000));
        micros.map(Timestamp::from_unix_micros).is_some_and(|at| {
            let now = self.clock.now();
            now.since(at) <= TOLERANCE && at.since(now) <= TOLERANCE
        })
    }
}

#[async_trait]
impl ReadNotices for SignedNotices {
    async fn read(&self, posted: Posted<'_>) -> Result<Vec<Notice>, NotRead> {
        let headers = SignatureHeaders {
            id: posted.header("webhook-id"),
            timestamp: posted.header("webhook-timestamp"),
            signature: posted.header("webhook-signature"),
        };
        self.receive(headers, posted.body).map_err(|refused| NotRead::Refused(refused.to_string()))
    }
}

impl fmt::Debug for SignedNotices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedNotices").finish_non_exhaustive()
    }
}

/// `{"type": …, "data": …}`, where the type decides what the data is.
#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct Data {
    mail: String,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Bounce {
    /// Whether there is no use in ever writing there again. It is not guessed: the recipient would
    /// get no more mail.
    permanent: bool,
}

fn read(body: &[u8]) -> serde_json::Result<Option<Notice>> {
    let Body { kind, data } = serde_json::from_slice(body)?;
    let event = match kind.as_str() {
        "mail.delivered" => Event::Delivered,
        "mail.bounced" if parse::<Bounce>(&data)?.permanent => Event::HardBounce,
        "mail.bounced" => Event::SoftBounce,
        "mail.complained" => Event::Complaint,
        _ => return Ok(None),
    };
    let Data { mail, reason } = parse(&data)?;
    // What is no identifier names no mail of ours.
    let notice = |mail| Notice { mail, event, reason: reason.as_deref().map(Reason::new) };
    Ok(mail.parse().ok().map(notice))
}

fn parse<T: DeserializeOwned>(data: &Value) -> serde_json::Result<T> {
    T::deserialize(data)
}

#[cfg(test)]
mod tests;
