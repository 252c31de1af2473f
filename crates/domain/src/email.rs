//! E-mail addresses: what was typed, and the key by which accounts are told apart.
//!
//! RFC 5321 mailboxes with the internationalised parts of RFC 6531, less what nobody registers
//! with: quoted local parts, comments and address literals.

use unicode_normalization::UnicodeNormalization;

/// Octets that fit into an SMTP path (RFC 5321 section 4.5.3.1.3, less its angle brackets).
const MAX_OCTETS: usize = 254;
/// Octets of a local part (RFC 5321 section 4.5.3.1.1).
const MAX_LOCAL_OCTETS: usize = 64;

/// An address that mail can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress {
    as_typed: String,
    key: EmailKey,
}

/// The canonical form of an address. Two addresses belong to one account if their keys are equal.
///
/// ASCII letters are lower-cased, the domain is in its A-label form (UTS #46) and everything is in
/// Unicode NFC. Nothing else is folded: `mike` and `mıke`, `a` and `a+tag` are different people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailKey(String);

/// The text is not an address that this product accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid e-mail address")]
pub struct InvalidEmail;

impl EmailAddress {
    /// Reads an address: `local@domain`, at most 254 octets, with a dot in the domain (or the
    /// domain `localhost`).
    pub fn parse(input: &str) -> Result<Self, InvalidEmail> {
        let as_typed: String = input.nfc().collect();
        if as_typed.len() > MAX_OCTETS {
            return Err(InvalidEmail);
        }
        let (local, domain) = as_typed.rsplit_once('@').ok_or(InvalidEmail)?;
        let domain = canonical_domain(domain)?;
        if !is_local_part(local) || local.len() + 1 + domain.len() > MAX_OCTETS {
            return Err(InvalidEmail);
        }
        let key = EmailKey(format!("{}@{domain}", local.to_ascii_lowercase()));
        Ok(Self { as_typed, key })
    }

    /// The spelling of the person who typed it; mail is sent to this one.
    pub fn as_typed(&self) -> &str {
        &self.as_typed
    }

    /// The canonical form.
    pub const fn key(&self) -> &EmailKey {
        &self.key
    }

    /// The domain in its A-label form, as it goes where Unicode may not (RFC 5890).
    pub fn ascii_domain(&self) -> &str {
        self.key.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The part before the last `@`, as typed.
    pub fn local_part(&self) -> &str {
        self.as_typed.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.as_typed)
    }
}

impl EmailKey {
    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A dot-atom (RFC 5322 section 3.2.3), in which RFC 6531 lets letters be of any script.
fn is_local_part(local: &str) -> bool {
    let is_atom_text = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        c if c.is_ascii() => "!#$%&'*+-/=?^_`{|}~".contains(c),
        c => c.is_alphanumeric(),
    };
    local.len() <= MAX_LOCAL_OCTETS
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_text))
}

fn canonical_domain(domain: &str) -> Result<String, InvalidEmail> {
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmail)?;
    let last_label = ascii.rsplit('.').next().unwrap_or_default();
    let is_numeric = last_label.bytes().all(|byte| byte.is_ascii_digit());
    if is_numeric || !(ascii.contains('.') || ascii == "localhost") {
        return Err(InvalidEmail);
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(input: &str) -> String {
        EmailAddress::parse(input).unwrap().key().as_str().to_owned()
    }

    #[test]
    fn case_and_unicode_spellings_of_one_address_have_one_key() {
        assert_eq!(key("User@Example.COM"), "user@example.com");
        assert_eq!(key("u@ü.example"), key("u@xn--tda.example"));
        assert_eq!(key("jose\u{301}@example.com"), key("josé@example.com"));
    }

    #[test]
    fn look_alikes_and_tags_are_other_people() {
        assert_ne!(key("mike@example.com"), key("mıke@example.com"));
        assert_ne!(key("josé@example.com"), key("jose@example.com"));
        assert_ne!(key("a+tag@example.com"), key("a@example.com"));
    }

    #[test]
    fn mail_goes_to_the_spelling_that_was_typed() {
        assert_eq!(EmailAddress::parse("User@Example.COM").unwrap().as_typed(), "User@Example.COM");
        assert_eq!(EmailAddress::parse("u@Ü.Example").unwrap().ascii_domain(), "xn--tda.example");
    }

    #[test]
    fn what_cannot_be_mailed_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_domain = format!("a@{}.com", ["d"; 130].join("."));
        for bad in [
            "",
            "@",
            "a@",
            "@example.com",
            "plain",
            "a b@example.com",
            "a@b@c",
            ".a@example.com",
            "a.@example.com",
            "a..b@example.com",
            "\"quoted\"@example.com",
            "a(c)@example.com",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@host",
            "a@example.com.",
            "a@-x.com",
            "a@x_y.com",
            "a\0@example.com",
            "a\r\nBcc: b@example.com",
            "a@example.com\r\n",
            "a\t@example.com",
            "😀@example.com",
            "a\u{202e}b@example.com",
            " a@example.com",
            &long_local,
            &long_domain,
        ] {
            assert_eq!(EmailAddress::parse(bad), Err(InvalidEmail), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_refused(input in any::<String>()) {
            let _ = EmailAddress::parse(&input);
        }

        #[test]
        fn a_key_is_its_own_key(local in "[a-zA-Zéß0-9+._]{1,20}", domain in "[a-zA-Zü]{1,9}\\.(com|Example)") {
            if let Ok(address) = EmailAddress::parse(&format!("{local}@{domain}")) {
                let again = EmailAddress::parse(address.key().as_str()).unwrap();
                prop_assert_eq!(again.key(), address.key());
            }
        }
    }
}
