//! What is told of a service that gave no answer.

use std::error::Error;

use fastauth_ports::unavailable::Unavailable;

/// There was no answer, or none to its end. The URL is left out: it has five digits of a hash.
pub(crate) fn unanswered(host: &str, error: reqwest::Error) -> Unavailable {
    if error.is_timeout() {
        return Unavailable::new(format!("{host} took too long"));
    }
    let error = error.without_url();
    // The innermost tells what went wrong.
    let mut cause: &dyn Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let what = if error.is_connect() { "cannot be reached" } else { "gave no answer" };
    Unavailable::new(format!("{host} {what}: {cause}"))
}
