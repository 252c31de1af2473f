//! What an answer says: a line for each hash of the range, its last 35 digits, a colon, and in how
//! many accounts the password was seen.

use fastauth_domain::breaches::Finding;

use crate::digest::Digest;

/// The answer is not what the service would say. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The service knows something under every five digits: nothing is no answer.
    #[error("the answer is empty")]
    Empty,
    /// A line is none of the service's.
    #[error("line {0} of the answer cannot be read")]
    Line(usize),
}

/// Looks for a hash in an answer. All of it is read, so that one that is cut or is no such answer is
/// believed in nothing.
pub(crate) fn read(body: &[u8], wanted: &Digest) -> Result<Finding, Unreadable> {
    let body = body.trim_ascii_end();
    if body.is_empty() {
        return Err(Unreadable::Empty);
    }
    let mut finding = Finding::Clean;
    for (line, number) in body.split(|&octet| octet == b'\n').zip(1..) {
        let Row { suffix, count } = row(line).ok_or(Unreadable::Line(number))?;
        // A count of zero is padding.
        if count > 0 && suffix.eq_ignore_ascii_case(wanted.suffix()) {
            finding = Finding::Breached;
        }
    }
    Ok(finding)
}

struct Row<'a> {
    suffix: &'a str,
    count: u64,
}

fn row(line: &[u8]) -> Option<Row<'_>> {
    let line = std::str::from_utf8(line).ok()?;
    let (suffix, count) = line.trim_end_matches('\r').split_once(':')?;
    let is_suffix = suffix.len() == 35 && suffix.bytes().all(|octet| octet.is_ascii_hexdigit());
    let count = count.parse().ok()?;
    is_suffix.then_some(Row { suffix, count })
}

#[cfg(test)]
mod tests {
    use fastauth_domain::{
        email::EmailAddress,
        password::{NewPassword, PasswordPolicy},
    };
    use proptest::prelude::*;

    use super::*;

    const WANTED: &str = "E364706816ABA3E25717850C26C9CD0D89D";
    const OTHER: &str = "00000000000000000000000000000000001";

    fn found(body: impl AsRef<[u8]>) -> Result<Finding, Unreadable> {
        let owner = EmailAddress::parse("ada@example.com").unwrap();
        let policy = PasswordPolicy { min_length: 1, max_length: 128, product: None };
        let password = NewPassword::parse(&"abc".into(), (&owner).into(), &policy).unwrap();
        read(body.as_ref(), &Digest::of(&password))
    }

    #[test]
    fn a_password_is_found_in_any_line_and_in_either_case() {
        for body in [
            format!("{WANTED}:1"),
            format!("{WANTED}:3861493\r\n{OTHER}:2\r\n"),
            format!("{OTHER}:2\r\n{WANTED}:7\r\n"),
            format!("{OTHER}:2\n{}:7\n", WANTED.to_lowercase()),
        ] {
            assert_eq!(found(&body), Ok(Finding::Breached), "{body}");
        }
        assert_eq!(found(format!("{OTHER}:2")), Ok(Finding::Clean));
    }

    #[test]
    fn padding_means_nothing() {
        assert_eq!(found(format!("{WANTED}:0\r\n{OTHER}:0")), Ok(Finding::Clean));
        assert_eq!(found(format!("{WANTED}:0\r\n{WANTED}:1")), Ok(Finding::Breached));
    }

    #[test]
    fn what_is_broken_in_one_place_is_believed_in_none() {
        assert_eq!(found(""), Err(Unreadable::Empty));
        assert_eq!(found("\r\n"), Err(Unreadable::Empty));
        for line in [
            "<html>",
            "",
            OTHER,
            &format!("{OTHER}:"),
            &format!("{OTHER}:-1"),
            &format!("{OTHER}:many"),
            &format!("{OTHER}:99999999999999999999"),
            &format!("0{OTHER}:1"),
            &format!("{}:1", OTHER.replace('1', "x")),
        ] {
            let body = format!("{WANTED}:1\r\n{line}\r\n{OTHER}:1");
            assert_eq!(found(&body), Err(Unreadable::Line(2)), "{line}");
        }
        assert_eq!(found([b'\xff'; 40]), Err(Unreadable::Line(1)));
    }
    proptest! {
        #[test]
        fn whatever_a_service_sends_is_read_or_refused(
            octets in prop::collection::vec(any::<u8>(), 0..200), lines in "[0-9A-F:\\r\\n]{0,200}",
        ) {
            for body in [octets, lines.into_bytes()] {
                prop_assert_ne!(found(body), Ok(Finding::Breached));
            }
        }

        #[test]
        fn an_answer_is_breached_if_the_hash_is_in_it_and_was_seen(
            rows in prop::collection::vec(("[0-9A-Fa-f]{35}", any::<u64>()), 1..20),
            at in any::<prop::sample::Index>(), count in any::<u64>(),
        ) {
            let mut rows = rows;
            let at = at.index(rows.len());
            rows[at] = (WANTED.to_owned(), count);
            let lines: Vec<_> =
                rows.iter().map(|(suffix, count)| format!("{suffix}:{count}")).collect();
            let expected = if count > 0 { Finding::Breached } else { Finding::Clean };
            prop_assert_eq!(found(lines.join("\r\n")), Ok(expected));
        }
    }
}
