//! The outbox, and sending what is in it.

use std::time::Duration;

use async_trait::async_trait;
use fastauth_domain::{
    account::DisplayName,
    delivery::{Reason, State},
    email::EmailAddress,
    identifier::MailId,
    mail::Mail,
    time::Timestamp,
};
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It leaves the queue: handed over, refused for good, expired or suppressed.
    Done {
        /// Which of these.
        state: State,
        /// Why, if there is more to say.
        reason: Option<Reason>,
        /// When.
        at: Timestamp,
    },
    /// It was tried, and is to be tried again. Its turn has come: it is no first contact any more.
    Retry {
        /// Not before this moment.
        at: Timestamp,
        /// Why it was not handed over.
        reason: Option<Reason>,
    },
    /// It was not tried, and waits for its turn.
    Postpone {
        /// Until this moment.
        until: Timestamp,
    },
}

/// How much mail waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many mails wait, claimed ones included.
    pub waiting: u64,
    /// When the one was put into the outbox that has been there longest.
    pub oldest: Option<Timestamp>,
}

/// Hands out the mail of the outbox, each to one caller at a time, over all instances.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ClaimMail: Send + Sync {
    /// Claims at most `limit` mails that are due, those that waited longest first. A claim lasts
    /// for `lease`; a mail that is not settled by then is due again. Nothing is claimed only if
    /// nothing is due that nobody else has claimed.
    async fn claim(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ClaimedMail>, Unavailable>;

    /// Says what became of a claimed mail. Settling one that is settled is no error, and changes
    /// nothing.
    async fn settle(&self, id: MailId, settlement: Settlement) -> Result<(), Unavailable>;

    /// Tells how much mail waits.
    async fn backlog(&self) -> Result<Backlog, Unavailable>;
}

/// Whom mail comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The address that answers, and notices of what could not be delivered, go to.
    pub address: EmailAddress,
    /// What readers see instead of the address.
    pub name: Option<DisplayName>,
}

impl std::fmt::Display for Sender {
    /// For people to read. A header needs encoding and quoting of its own.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} <{}>", name.as_str(), self.address),
            None => self.address.fmt(f),
        }
    }
}

/// A mail as it leaves: one recipient, a subject and what it says.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// Names the mail, the same at every attempt.
    pub id: MailId,
    /// Whom it comes from.
    pub from: Sender,
    /// Its one recipient.
    pub to: EmailAddress,
    /// A single line.
    pub subject: String,
    /// Plain text. It may hold a link that opens an account: for the recipient only.
    pub text: SecretString,
    /// The same as an HTML document, for readers that show it. It is to be kept as the text is.
    pub html: Option<SecretString>,
}

/// Why a mail was not handed over.
///
/// Neither kind tells the address or anything of what the mail says: errors are logged, and mail
/// servers like to repeat in their answers what they were given.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// It may be tried again. It may even have arrived: the answer that says so can be lost.
    #[error(transparent)]
    Temporary(#[from] Unavailable),
    /// This mail will not be accepted however often it is tried: there is no such mailbox, for
    /// instance. Trouble with the configuration, such as a password that was changed, is not of this
    /// kind, because the mail is as good as ever once that is put right.
    #[error("refused for good: {0}")]
    Permanent(String),
}

/// Sends mail.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SendMail: Send + Sync {
    /// Hands a mail over to be delivered to its recipient, and to nobody else. A mail that is sent
    /// again is the same mail: a receiver can tell by its identifier. Gives what the other side said
    /// when it took it, if it said anything.
    async fn send(&self, mail: &OutgoingMail) -> Result<Option<Reason>, NotSent>;
}
