//! What the answers of a mail server come to.
//!
//! Of an answer, only its codes are told. Its text is the server's, and servers repeat in it whom
//! the mail is to, and links that they dislike.

use std::{error::Error as _, fmt, io};

use fastauth_ports::{mail::NotSent, unavailable::Unavailable};
use lettre::transport::smtp::{Error, response::Response};

/// Answers that find fault with us, wherever they come: commands that are unknown or out of order
/// (RFC 5321 section 4.2.2), and a login that is missing or wrong (RFC 4954 section 6).
const OUR_FAULT: [u16; 8] = [500, 502, 503, 504, 530, 534, 535, 538];

/// How far a mail had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The connection, up to the server's greeting.
    Connection,
    /// The change to TLS.
    Encryption,
    /// Signing in.
    Login,
    /// `MAIL`: whom it comes from.
    Sender,
    /// `RCPT`: whom it is to.
    Recipient,
    /// `DATA`: what it says.
    Content,
}

impl Stage {
    /// Whether a refusal is about the mail. Before, it is about us, who cannot or may not send.
    const fn is_about_the_mail(self) -> bool {
        matches!(self, Self::Recipient | Self::Content)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "the connection",
            Self::Encryption => "the change to TLS",
            Self::Login => "the login",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Content => "the message",
        })
    }
}

/// What a failure at a mail comes to.
pub(crate) fn not_sent(stage: Stage, error: &Error) -> NotSent {
    let is_our_fault = error.status().is_some_and(|code| OUR_FAULT.contains(&code.into()));
    if error.is_permanent() && stage.is_about_the_mail() && !is_our_fault {
        NotSent::Permanent(told(stage, error))
    } else {
        temporary(stage, error).into()
    }
}

/// What a failure comes to that says nothing of the mail.
pub(crate) fn temporary(stage: Stage, error: &Error) -> Unavailable {
    Unavailable::new(told(stage, error))
}

/// The server did not answer in time.
pub(crate) fn no_answer(stage: Stage) -> Unavailable {
    Unavailable::new(format!("the mail server took too long over {stage}"))
}

/// The server does not offer STARTTLS, or somebody between took the offer out.
pub(crate) fn no_starttls() -> Unavailable {
    Unavailable::new("the mail server does not offer STARTTLS, so that it was told nothing")
}

/// The server cannot be connected to.
pub(crate) fn unreachable(error: &io::Error) -> Unavailable {
    Unavailable::new(format!("the mail server cannot be reached: {error}"))
}

/// Any other answer than this, even a friendly one, means that we do not understand each other.
pub(crate) fn expect(stage: Stage, answer: &Response, code: u16) -> Result<(), Unavailable> {
    if answer.has_code(code) {
        return Ok(());
    }
    let given = answer.code();
    Err(Unavailable::new(format!("the mail server answered {given} to {stage} instead of {code}")))
}

fn told(stage: Stage, error: &Error) -> String {
    match error.status() {
        Some(code) => {
            let text = error.source().map(ToString::to_string).unwrap_or_default();
            let status = enhanced_status(&text).map_or(String::new(), |it| format!(" {it}"));
            format!("the mail server answered {code}{status} to {stage}")
        }
        // Its text is what could not be understood.
        None if error.is_response() => format!("the mail server's answer to {stage} is not SMTP"),
        None => format!("no success with {stage}: {error}"),
    }
}

/// The status code that many servers begin their text with (RFC 3463), such as `5.1.1`.
fn enhanced_status(text: &str) -> Option<&str> {
    let word = text.split_whitespace().next()?;
    let is_number = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_status = word.split('.').count() == 3 && word.split('.').all(is_number);
    is_status.then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_code_is_told_from_other_text() {
        assert_eq!(enhanced_status("5.1.1 <ada@example.com> unknown"), Some("5.1.1"));
        assert_eq!(enhanced_status("4.7.650 try later"), Some("4.7.650"));
        for text in ["", "no such user", "ada@example.com 5.1.1", "5.1", "5.1.1.1", "5.1.x"] {
            assert_eq!(enhanced_status(text), None, "{text}");
        }
    }
}
