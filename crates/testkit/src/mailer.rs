//! What [`mailer_contract!`](crate::mailer_contract) needs to know of a mailer under test.

use std::sync::Arc;

use async_trait::async_trait;
use fastauth_ports::mail::SendMail;

/// A mailer under test, with somebody at the other end who says what arrived.
#[async_trait]
pub trait TestedMailer: Send + Sync {
    /// The mailer.
    fn mailer(&self) -> Arc<dyn SendMail>;

    /// Everything that arrived, the oldest first, read by something other than what wrote it.
    async fn arrived(&self) -> Vec<Arrived>;

    /// Makes the other end refuse the next mail. `false` if there is nobody who could refuse.
    async fn refuse_next(&self, _refusal: Refusal) -> bool {
        false
    }

    /// Whether a mail that is sent again takes the place of the first, instead of arriving beside
    /// it.
    fn repeats_replace(&self) -> bool {
        false
    }

    /// Whether HTML gets through. Where mail is read as text it does not.
    fn carries_html(&self) -> bool {
        true
    }
}

/// How a mail is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// "Come back later."
    ForNow,
    /// "There is no such mailbox."
    ForGood,
}

/// A mail as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// What a receiver can recognise a repeat by. `None` if nothing of the kind gets through.
    pub id: Option<String>,
    /// The address that it says it comes from.
    pub from: String,
    /// The name that it says it comes from.
    pub from_name: Option<String>,
    /// Everybody it was delivered to.
    pub recipients: Vec<String>,
    /// The names of its headers, in lower case. Empty if it has none.
    pub headers: Vec<String>,
    /// Its subject, decoded.
    pub subject: String,
    /// Its text, decoded, with lines that end in `\n`.
    pub text: String,
    /// The same of its HTML document.
    pub html: Option<String>,
}
