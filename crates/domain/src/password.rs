//! Passwords: as presented at a login, as accepted for an account, and as stored.
//!
//! NIST SP 800-63B-4 section 3.1.1.2: length counts in Unicode characters after NFC, every
//! character is significant, there are no composition rules, and known passwords are refused.

use std::{collections::HashSet, sync::LazyLock};

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::email::EmailAddress;

/// The commonest passwords, one a line, all of at least eight characters and in lower case. Where they are
/// from is told in `docs/passwords.md`.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("password/common.txt").lines().collect());

/// The words that people who use this product would think of first.
const PRODUCT: &str = "fastauth";

/// How long a password may be, in characters after NFC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The shortest accepted.
    pub min_length: usize,
    /// The longest accepted; longer ones are refused, never cut.
    pub max_length: usize,
}

/// Why a password was refused for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnacceptablePassword {
    /// Fewer characters than the policy's minimum.
    #[error("must have at least {min} characters")]
    TooShort {
        /// The policy's minimum.
        min: usize,
    },
    /// More characters than the policy's maximum.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The policy's maximum.
        max: usize,
    },
    /// Among the first that an attacker tries.
    #[error("is among the passwords that are tried first; choose another")]
    Common,
    /// Made of the person's own address or the product's name.
    #[error("is made of your address or of this product's name; choose another")]
    Personal,
    /// Known from a breach, wherever that was and whoever used it there.
    #[error("is known from a data breach, so that attackers try it; choose another")]
    Breached,
}

/// A password as somebody presents it to prove who they are, in NFC.
#[derive(Clone, Debug)]
pub struct PresentedPassword(SecretString);

impl PresentedPassword {
    /// Takes whatever was typed; a login judges it by the stored hash alone.
    pub fn new(input: &SecretString) -> Self {
        Self(nfc(input))
    }

    /// The bytes to hash.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// A password accepted for an account, in NFC.
#[derive(Clone, Debug)]
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Accepts a password that the policy allows the owner of this address to have.
    pub fn parse(
        input: &SecretString,
        owner: &EmailAddress,
        policy: PasswordPolicy,
    ) -> Result<Self, UnacceptablePassword> {
        let password = nfc(input);
        let text = password.expose_secret();
        let length = text.chars().count();
        if length < policy.min_length {
            return Err(UnacceptablePassword::TooShort { min: policy.min_length });
        }
        if length > policy.max_length {
            return Err(UnacceptablePassword::TooLong { max: policy.max_length });
        }
        let folded = SecretString::from(text.to_lowercase());
        if COMMON.contains(folded.expose_secret()) {
            return Err(UnacceptablePassword::Common);
        }
        if is_personal(folded.expose_secret(), owner) {
            return Err(UnacceptablePassword::Personal);
        }
        Ok(Self(password))
    }

    /// The bytes to hash.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// A stored password hash in PHC string form, such as `$argon2id$v=19$m=19456,t=2,p=1$...`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a PHC string made by a hasher or read from storage.
    pub fn from_phc(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The PHC string.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash([REDACTED])")
    }
}

fn nfc(input: &SecretString) -> SecretString {
    SecretString::from(input.expose_secret().nfc().collect::<String>())
}

/// Whether a lower-cased password is the address, its local part or the product's name, with
/// nothing but digits and punctuation around it.
fn is_personal(folded: &str, owner: &EmailAddress) -> bool {
    let core = |text: &str| text.trim_matches(|c: char| !c.is_alphabetic()).to_owned();
    let word = core(folded);
    let local = owner.local_part().to_lowercase();
    word == PRODUCT
        || folded == owner.key().as_str()
        || folded == local
        || (!word.is_empty() && word == core(&local))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: PasswordPolicy = PasswordPolicy { min_length: 8, max_length: 128 };

    fn accept(input: &str) -> Result<NewPassword, UnacceptablePassword> {
        let owner = EmailAddress::parse("maria.lopez@example.com").unwrap();
        NewPassword::parse(&input.into(), &owner, POLICY)
    }

    #[test]
    fn length_counts_in_characters_and_nothing_is_cut() {
        assert_eq!(accept("1a2b3c4").unwrap_err(), UnacceptablePassword::TooShort { min: 8 });
        assert!(accept(&"🦀".repeat(8)).is_ok());
        assert!(accept(&"é".repeat(128)).is_ok());
        let long = accept(&"x7".repeat(65)).unwrap_err();
        assert_eq!(long, UnacceptablePassword::TooLong { max: 128 });
    }

    #[test]
    fn there_are_no_composition_rules_and_blanks_count() {
        assert!(accept("plain lowercase words").is_ok());
        let (with, without) =
            (accept(" winter harbour ").unwrap(), accept("winter harbour").unwrap());
        assert_ne!(with.expose(), without.expose());
    }

    #[test]
    fn the_two_spellings_of_an_accent_are_one_password() {
        let composed = PresentedPassword::new(&"pässwörter".into());
        let decomposed = PresentedPassword::new(&"pa\u{308}sswo\u{308}rter".into());
        assert_eq!(composed.expose(), decomposed.expose());
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for common in ["password", "PassWord", "12345678", "trustno1"] {
            assert_eq!(accept(common).unwrap_err(), UnacceptablePassword::Common, "{common}");
        }
        for own in ["maria.lopez", "maria.lopez@example.com", "Maria.Lopez2026!", "FastAuth123"] {
            assert_eq!(accept(own).unwrap_err(), UnacceptablePassword::Personal, "{own}");
        }
    }

    #[test]
    fn the_list_is_in_the_form_in_which_passwords_are_compared_with_it() {
        assert!(COMMON.len() > 16_000);
        for password in &*COMMON {
            assert!(password.chars().count() >= 8, "{password}");
            assert_eq!(password.nfc().collect::<String>().to_lowercase(), **password);
            assert_eq!(accept(password).unwrap_err(), UnacceptablePassword::Common, "{password}");
        }
    }

    #[test]
    fn the_passwords_of_the_guide_are_accepted() {
        assert!(accept("securepassword123").is_ok() && accept("newpassword456").is_ok());
    }

    #[test]
    fn nothing_of_a_password_is_printed() {
        let printed = format!(
            "{:?} {:?}",
            accept("correct horse"),
            PresentedPassword::new(&"correct".into())
        );
        assert!(!printed.contains("correct"), "{printed}");
    }
}
