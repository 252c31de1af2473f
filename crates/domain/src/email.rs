//! E-mail addresses: what was typed, and the key by which accounts are told apart.
//!
//! RFC 5321 mailboxes with the internationalised parts of RFC 6531, less what nobody registers
//! with: quoted local parts, comments, address literals, and what passes for an encoded word.

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
/// Unicode NFC. Nothing else is folded: `mike` and `mıke`, `a` and `a+tag` are different people. The few
/// characters that NFC turns into ASCII ones, such as the sign for kelvin, are refused.
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
        if as_typed.len() > MAX_OCTETS || input.chars().any(passes_for_ascii) {
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

/// Whether a character is another one than ASCII has, and NFC makes it one that ASCII has.
fn passes_for_ascii(c: char) -> bool {
    !c.is_ascii() && std::iter::once(c).nfc().all(|normal| normal.is_ascii())
}

/// A dot-atom (RFC 5322 section 3.2.3), in which RFC 6531 lets letters be of any script.
fn is_local_part(local: &str) -> bool {
    let is_atom_text = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        c if c.is_ascii() => "!#$%&'*+-/=?^_`{|}~".contains(c),
        c => c.is_alphanumeric(),
    };
    local.len() <= MAX_LOCAL_OCTETS
        && !passes_for_encoded(local)
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_text))
}

/// Whether an encoded word may be seen in it (RFC 2047 section 2). None stands for anything in an address,
/// but there are programs that decode it all the same, and have another recipient then.
fn passes_for_encoded(local: &str) -> bool {
    local.split_once("=?").is_some_and(|(_, rest)| rest.contains("?="))
}

fn canonical_domain(domain: &str) -> Result<String, InvalidEmail> {
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmail)?;
    let last_label = ascii.rsplit('.').next().unwrap_or_default();
    // Where it is a number, be it `0x7f`, the whole is read as an IP address by one or another.
    let is_name = last_label.starts_with(|c: char| c.is_ascii_alphabetic());
    if !is_name || !(ascii.contains('.') || ascii == "localhost") {
        return Err(InvalidEmail);
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests;
