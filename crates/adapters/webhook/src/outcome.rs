//! What the answers of a receiver come to.
//!
//! Of an answer, only its status is told, and of its headers only when to come back is read. Its body
//! is not read: receivers repeat in it whom the mail is to, or send more of it than anybody wants.

use std::{error::Error, time::Duration};

use fastauth_domain::{delivery::Reason, time::Timestamp};
use fastauth_ports::{mail::NotSent, unavailable::Unavailable};
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// What an answer comes to. A status that finds fault with the request, other than the two which say
/// that this mail will never do, is a matter of configuration: the URL or the secret is wrong.
pub(crate) fn read(
    host: &str,
    status: StatusCode,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Option<Reason>, NotSent> {
    let answered = format!("{host} answered {}", status.as_u16());
    if status.is_success() {
        return Ok(Some(Reason::new(&answered)));
    }
    if matches!(status, StatusCode::GONE | StatusCode::UNPROCESSABLE_ENTITY) {
        return Err(NotSent::Permanent(answered));
    }
    let unavailable = Unavailable::new(answered);
    Err(match retry_after(headers, now) {
        Some(wait) => unavailable.retry_after(wait),
        None => unavailable,
    }
    .into())
}

/// There was no answer, or none that could be understood.
pub(crate) fn unanswered(host: &str, error: reqwest::Error) -> Unavailable {
    if error.is_timeout() {
        return Unavailable::new(format!("{host} took too long"));
    }
    // The outer errors tell the URL, and the innermost what went wrong.
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let what = if error.is_connect() { "cannot be reached" } else { "gave no answer" };
    Unavailable::new(format!("{host} {what}: {cause}"))
}

/// How long a receiver asks us to wait, in seconds or until a moment (RFC 9110 section 10.2.3).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // The date of HTTP is one of mail whose time zone is always GMT.
    let until = OffsetDateTime::parse(text, &Rfc2822).ok()?.unix_timestamp();
    Some(Timestamp::from_unix_micros(until.checked_mul(1_000_000)?).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2027-01-15 08:00:00 UTC.
    const NOW: Timestamp = Timestamp::from_unix_micros(1_800_000_000_000_000);

    fn outcome(status: u16, wait: Option<&'static str>) -> Result<Option<Reason>, NotSent> {
        let headers = wait.map(|wait| (RETRY_AFTER, wait.parse().unwrap()));
        read("example.com", status.try_into().unwrap(), &headers.into_iter().collect(), NOW)
    }

    fn wait(text: &'static str) -> Duration {
        let Err(NotSent::Temporary(unavailable)) = outcome(503, Some(text)) else { panic!() };
        unavailable.retry_in()
    }

    #[test]
    fn only_what_says_that_the_mail_will_never_do_is_for_good() {
        for status in 100..600 {
            match (status, outcome(status, None)) {
                (200..300, Ok(Some(said))) => {
                    assert_eq!(said.as_str(), format!("example.com answered {status}"));
                }
                (410 | 422, Err(NotSent::Permanent(_))) => {}
                (200..300 | 410 | 422, other) => panic!("{status}: {other:?}"),
                (_, other) => assert!(matches!(other, Err(NotSent::Temporary(_))), "{status}"),
            }
        }
    }

    #[test]
    fn a_receiver_may_say_when_to_come_back() {
        assert_eq!(wait("120"), Duration::from_mins(2));
        assert_eq!(wait("0"), Duration::ZERO);
        assert_eq!(wait("Fri, 15 Jan 2027 08:01:00 GMT"), Duration::from_mins(1));
        assert_eq!(wait("Fri, 15 Jan 2027 07:59:00 GMT"), Duration::ZERO);
    }

    #[test]
    fn what_is_no_time_to_come_back_is_passed_over() {
        let usual = Unavailable::new("").retry_in();
        for text in
            ["", "soon", "-1", "1.5", "99999999999999999999", "Fri, 32 Jan 2027 08:00:00 GMT"]
        {
            assert_eq!(wait(text), usual, "{text}");
        }
    }
}
