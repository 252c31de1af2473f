//! Mail as it goes over the wire: an RFC 5322 message and its envelope.
//!
//! Shared by the adapters that hand mail to a mail system. Names and subjects are encoded as RFC
//! 2047 has it, domains are in their ASCII form, and there is one recipient.

mod header;

use std::time::{Duration, SystemTime};

use fastauth_domain::{email::EmailAddress, identifier::MailId, time::Timestamp};
use fastauth_ports::mail::{OutgoingMail, Sender};
use lettre::{
    Address, Message,
    address::Envelope,
    message::{Mailbox, MessageBuilder, MultiPart, SinglePart},
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::header::{AutoSubmitted, MessageId, Subject};

/// The last second that a header can tell, in the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// A message, ready to be handed over.
#[derive(Debug)]
pub struct MimeMessage {
    envelope: Envelope,
    content: SecretSlice<u8>,
}

/// The mail cannot be written as a message, now or ever. Does not tell the address.
#[derive(Debug, thiserror::Error)]
#[error("no message can be made of the mail: {0}")]
pub struct Unwritable(String);

impl MimeMessage {
    /// Writes a mail that leaves now. Written again later, it has the same Message-ID.
    pub fn write(mail: &OutgoingMail, now: Timestamp) -> Result<Self, Unwritable> {
        let sender = address(&mail.from.address)?;
        let recipient = address(&mail.to)?;
        let headers = Message::builder()
            .header(MessageId::new(mail.id, mail.from.address.ascii_domain()))
            .date(system_time(now))
            .header(AutoSubmitted)
            .from(mailbox(&mail.from, sender))
            .to(Mailbox::new(None, recipient))
            .header(Subject::new(&mail.subject));
        let message = with_body(headers, mail).map_err(|error| Unwritable(error.to_string()))?;
        Ok(Self {
            envelope: message.envelope().clone(),
            content: SecretSlice::from(message.formatted()),
        })
    }

    /// From whom and to whom, as the mail system is told.
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The message, with lines that end in CR LF. It may hold a link that opens an account.
    pub const fn content(&self) -> &SecretSlice<u8> {
        &self.content
    }
}

fn with_body(
    headers: MessageBuilder,
    mail: &OutgoingMail,
) -> Result<Message, lettre::error::Error> {
    let text = SinglePart::plain(body(&mail.text));
    match &mail.html {
        None => headers.singlepart(text),
        Some(html) => {
            let html = SinglePart::html(body(html));
            let parts = MultiPart::alternative().boundary(boundary(mail.id));
            headers.multipart(parts.singlepart(text).singlepart(html))
        }
    }
}

/// A text without what no body may have in it: a CR on its own (RFC 5322 section 2.3), which some servers
/// take for the end of a line and others do not, and NUL (RFC 2045 section 2.7).
fn body(text: &SecretString) -> String {
    text.expose_secret().replace('\0', "").replace("\r\n", "\n").replace('\r', "\n")
}

/// Stands on no line of the parts: the identifier is nobody's to choose.
fn boundary(id: MailId) -> String {
    format!("=_{id}")
}

fn address(email: &EmailAddress) -> Result<Address, Unwritable> {
    Address::new(email.local_part(), email.ascii_domain())
        .map_err(|error| Unwritable(error.to_string()))
}

fn mailbox(from: &Sender, address: Address) -> Mailbox {
    Mailbox::new(from.name.as_ref().map(|name| name.as_str().to_owned()), address)
}

fn system_time(now: Timestamp) -> SystemTime {
    let seconds = u64::try_from(now.unix_micros() / 1_000_000).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_SECOND))
}

#[cfg(test)]
mod tests;
