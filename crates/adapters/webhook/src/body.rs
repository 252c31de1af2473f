//! A mail as JSON: `mail.send`.

use std::error::Error;

use fastauth_domain::{account::DisplayName, email::EmailAddress, time::Timestamp};
use fastauth_ports::mail::OutgoingMail;
use secrecy::ExposeSecret;
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Writes a mail that leaves now. It holds what the mail says.
pub(crate) fn write(
    mail: &OutgoingMail,
    now: Timestamp,
) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let body = Body {
        kind: "mail.send",
        timestamp: rfc3339(now)?,
        data: Mail {
            id: mail.id.to_string(),
            to: address(&mail.to),
            from: address(&mail.from.address),
            from_name: mail.from.name.as_ref().map(DisplayName::as_str),
            subject: single_line(&mail.subject),
            text: mail.text.expose_secret(),
            html: mail.html.as_ref().map(ExposeSecret::expose_secret),
        },
    };
    Ok(serde_json::to_vec(&body)?)
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: Mail<'a>,
}

#[derive(Serialize)]
struct Mail<'a> {
    id: String,
    to: String,
    from: String,
    from_name: Option<&'a str>,
    subject: String,
    text: &'a str,
    html: Option<&'a str>,
}

/// An address as every mail system understands it: its domain in ASCII.
fn address(email: &EmailAddress) -> String {
    format!("{}@{}", email.local_part(), email.ascii_domain())
}

/// JSON carries anything, but the receiver may make a header of it.
fn single_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn rfc3339(at: Timestamp) -> Result<String, time::Error> {
    let nanos = i128::from(at.unix_micros()) * 1_000;
    Ok(OffsetDateTime::from_unix_timestamp_nanos(nanos)?.format(&Rfc3339)?)
}
