//! What commands print: lines for people, JSON for programs.

use std::fmt::{Display, Write as _};

use fastauth::domain::time::Timestamp;
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    failure::Failure,
    printable::{is_command, printable},
};

/// Prints a line.
pub(super) fn say(line: impl Display) -> Result<(), Failure> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}")
        .map_err(|error| Failure::Other(format!("standard output cannot be written: {error}")))
}

/// Prints a line that holds text of others.
pub(super) fn show(line: impl Display) -> Result<(), Failure> {
    say(printable(&line.to_string()))
}

/// Prints a JSON document in a line.
pub(super) fn say_json(document: &impl Serialize) -> Result<(), Failure> {
    let text =
        serde_json::to_string(document).map_err(|error| Failure::Other(error.to_string()))?;
    say(escaped(&text))
}

/// JSON that means the same, and that a terminal shows and does not obey.
fn escaped(json: &str) -> String {
    json.chars().fold(String::new(), |mut text, c| {
        // Writing to a `String` cannot fail. Whatever is a command fits into four digits.
        let _ = if is_command(c) {
            write!(text, "\\u{:04x}", u32::from(c))
        } else {
            text.write_char(c)
        };
        text
    })
}

/// A point in time, to the second (RFC 3339).
pub(super) fn rfc3339(at: Timestamp) -> String {
    let time = OffsetDateTime::from_unix_timestamp(at.unix_micros() / 1_000_000).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

/// The same, to the microsecond.
pub(super) fn rfc3339_exact(at: Timestamp) -> String {
    let nanos = i128::from(at.unix_micros()) * 1_000;
    let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_means_the_same_after_it_was_made_fit_for_a_terminal() {
        let name = "Ada\u{1b}[31m\u{7f}\u{9b}\u{202e}é\n";
        let text = escaped(&serde_json::to_string(name).unwrap());
        assert!(!text.chars().any(is_command), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), name);
    }
}
