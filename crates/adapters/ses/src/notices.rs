//! What SES tells, through a topic of Amazon SNS, of mail that it has taken.
//!
//! SNS posts to a URL that anybody can post to. A message counts only if it is of our topic, recent
//! and signed, with a certificate that is fetched from SNS itself.

mod certificate;
mod event;
mod fetch;
mod message;
mod topic;
mod url;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use fastauth_domain::delivery::Notice;
use fastauth_ports::{
    clock::Clock,
    notices::{NotRead, Posted, ReadNotices},
    unavailable::Unavailable,
};

use self::{
    certificate::Certificates,
    message::{Kind, Message},
};
pub use self::{
    fetch::{FetchFromSns, HttpsFetch},
    topic::{InvalidTopicArn, TopicArn},
    url::SnsUrl,
};

/// The most octets of a request that are read. SNS carries 256 KiB, and escapes them.
pub const MAX_BODY: usize = 512 * 1024;
/// For how long a message counts. SNS gives up sending it after this.
const FRESH_FOR: Duration = Duration::from_hours(1);

/// Reads what SNS posts. There is one topic for it, which SES and nobody else publishes to.
pub struct SnsNotices {
    topic: TopicArn,
    fetch: Arc<dyn FetchFromSns>,
    certificates: Certificates,
    clock: Arc<dyn Clock>,
}

/// Why there are no notices in a request.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// It does not count, now or ever. It is to be answered with 403, so that SNS gives up.
    #[error("no message of the topic: {0}")]
    Refused(#[from] Refusal),
    /// It cannot be told whether it counts. It is to be answered with 503: SNS will repeat it.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a request does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has more than [`MAX_BODY`] octets.
    #[error("it is too long")]
    TooLong,
    /// It is not what SNS posts. With "raw message delivery", SNS posts something that is not
    /// signed.
    #[error("it is not JSON as SNS writes it; is raw message delivery on?")]
    Malformed,
    /// It is of another topic.
    #[error("it is of another topic")]
    OtherTopic,
    /// It is signed over a SHA-1 digest, as SNS does unless a topic's `SignatureVersion` is 2. Such
    /// digests can be made to collide, so that the signature says little.
    #[error("it is not signed with version 2; set the topic's attribute `SignatureVersion`")]
    SignatureVersion,
    /// It is older than an hour, and may be a repeat of somebody who listened.
    #[error("it is too old")]
    TooOld,
    /// It sends us to a place that is not SNS's in the topic's region.
    #[error("it names a URL that is not of SNS")]
    ForeignUrl,
    /// There is no certificate at the URL, or one that was not valid at this time.
    #[error("there is no valid certificate at its URL")]
    Certificate,
    /// It is not what was signed.
    #[error("its signature is wrong")]
    Signature,
    /// SNS did not take the confirmation of a subscription; its token may be too old.
    #[error("the subscription could not be confirmed")]
    Unconfirmed,
}

#[async_trait]
impl ReadNotices for SnsNotices {
    async fn read(&self, posted: Posted<'_>) -> Result<Vec<Notice>, NotRead> {
        self.receive(posted.body).await.map_err(|error| match error {
            NoticeError::Refused(refusal) => NotRead::Refused(refusal.to_string()),
            NoticeError::Unavailable(unavailable) => unavailable.into(),
        })
    }
}

impl SnsNotices {
    /// Reads messages of this topic.
    pub fn new(topic: TopicArn, fetch: Arc<dyn FetchFromSns>, clock: Arc<dyn Clock>) -> Self {
        let certificates = Certificates::new(Arc::clone(&fetch));
        Self { topic, fetch, certificates, clock }
    }

    /// Reads the body of a request, whoever it is from, and gives what it tells of our mail.
    ///
    /// A request to confirm the subscription is granted on the way. What SES tells of other mail,
    /// and other things that it tells, come to nothing. A message may come twice.
    pub async fn receive(&self, body: &[u8]) -> Result<Vec<Notice>, NoticeError> {
        if body.len() > MAX_BODY {
            return Err(Refusal::TooLong.into());
        }
        let message = Message::parse(body)?;
        self.is_worth_a_look(&message)?;
        let certificate = SnsUrl::of_certificate(&self.topic, &message.signing_cert_url)?;
        let subscription = self.subscription(&message)?;
        let certificate = self.certificates.certificate(certificate).await?;
        certificate.verify(&message.signed_text(), &message.signature, self.clock.now())?;
        if let Some(url) = subscription {
            self.fetch.fetch(&url).await?.ok_or(Refusal::Unconfirmed)?;
        }
        match message.kind {
            Kind::Notification => Ok(event::notice(&message.text).into_iter().collect()),
            Kind::SubscriptionConfirmation | Kind::UnsubscribeConfirmation => Ok(Vec::new()),
        }
    }

    /// What can be told before anything is fetched, so that strangers make us fetch little.
    fn is_worth_a_look(&self, message: &Message) -> Result<(), Refusal> {
        if message.topic_arn != self.topic.as_str() {
            return Err(Refusal::OtherTopic);
        }
        if message.signature_version != "2" {
            return Err(Refusal::SignatureVersion);
        }
        if self.clock.now().since(message.sent_at()?) > FRESH_FOR {
            return Err(Refusal::TooOld);
        }
        Ok(())
    }

    /// Where the subscription is confirmed, if that is what the message asks for.
    fn subscription(&self, message: &Message) -> Result<Option<SnsUrl>, Refusal> {
        if message.kind != Kind::SubscriptionConfirmation {
            return Ok(None);
        }
        let url = message.subscribe_url.as_deref().ok_or(Refusal::Malformed)?;
        SnsUrl::of_confirmation(&self.topic, url).map(Some)
    }
}

impl fmt::Debug for SnsNotices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnsNotices").field("topic", &self.topic).finish_non_exhaustive()
    }
}
