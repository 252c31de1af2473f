//! The outbox, and sending what is in it.

use std::time::Duration;

use async_trait::async_trait;
use fastauth_domain::{email::EmailAddress, identifier::MailId, mail::Mail, time::Timestamp};
use secrecy::SecretString;

use crate::unavailable::Unavailable;

/// A mail that this caller, and no other, may send until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedMail {
    /// The mail.
    pub mail: Mail,
    /// The how-manieth attempt this is, from 1.
    pub attempt: u32,
}

/// What became of a claimed mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It is done with: handed over, or not worth sending any more. It leaves the outbox.
    Done,
    /// It is to be tried again, not before this moment.
    Retry(Timestamp),
}

/// Hands out the mail of the outbox, each to one caller at a time, over all instances.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ClaimMail: Send + Sync {
    /// Claims at most `limit` mails that are due, those that waited longest first. A claim lasts
    /// for `lease`; a mail that is not settled by then is due again.
    async fn claim(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ClaimedMail>, Unavailable>;

    /// Says what became of a claimed mail. Settling one that is gone is no error.
    async fn settle(&self, id: MailId, settlement: Settlement) -> Result<(), Unavailable>;
}

/// A mail as it leaves: one recipient, a subject and a text.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// Names the mail, the same at every attempt.
    pub id: MailId,
    /// Its one recipient.
    pub to: EmailAddress,
    /// A single line.
    pub subject: &'static str,
    /// Plain text. It may hold a link that opens an account: for the recipient only.
    pub text: SecretString,
}

/// Sends mail.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SendMail: Send + Sync {
    /// Hands a mail over to be delivered. An error means that it may be tried again.
    async fn send(&self, mail: &OutgoingMail) -> Result<(), Unavailable>;
}
