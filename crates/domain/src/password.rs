//! Passwords: as presented at a login, as accepted for an account, and as stored.
//!
//! NIST SP 800-63B-4 section 3.1.1.2: length counts in Unicode characters after NFC, every
//! character is significant, there are no composition rules, and known passwords are refused.

use std::{collections::HashSet, sync::LazyLock};

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::{
    account::{Account, DisplayName},
    email::EmailAddress,
};

/// The commonest passwords, one a line, all of at least eight characters and in lower case. Where they are
/// from is told in `docs/passwords.md`.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("password/common.txt").lines().collect());

/// What the server itself is called, which people who use it would think of first.
const SERVER: &str = "fastauth";

/// Which passwords may be chosen. Lengths are in characters after NFC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The shortest accepted.
    pub min_length: usize,
    /// The longest accepted; longer ones are refused, never cut.
    pub max_length: usize,
    /// What the product is called that people sign in to, which is no password. `None` if it has no name
    /// but that of the server.
    pub product: Option<DisplayName>,
}

/// Whom a password is for, as far as that is known: what they would think of first is no password.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The address of their account.
    pub email: &'a EmailAddress,
    /// What they are called.
    pub name: Option<&'a DisplayName>,
}

impl<'a> From<&'a EmailAddress> for Owner<'a> {
    fn from(email: &'a EmailAddress) -> Self {
        Self { email, name: None }
    }
}

impl<'a> From<&'a Account> for Owner<'a> {
    fn from(account: &'a Account) -> Self {
        Self { email: &account.email, name: account.name.as_ref() }
    }
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
    /// Made of the person's own address or name, or of the product's name.
    #[error("is made of your address, your name or this product's name; choose another")]
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
    /// Accepts a password that the policy allows its owner to have.
    pub fn parse(
        input: &SecretString,
        owner: Owner<'_>,
        policy: &PasswordPolicy,
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
        // Small letters may come together with accents that large ones had beside them.
        let folded = nfc(&SecretString::from(text.to_lowercase()));
        if COMMON.contains(folded.expose_secret()) {
            return Err(UnacceptablePassword::Common);
        }
        if is_personal(folded.expose_secret(), owner, policy.product.as_ref()) {
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

/// Whether a lower-cased password is the owner's address, or has no other letters than the address's
/// local part, the owner's name, the product's or the server's, in the same order: whatever digits,
/// symbols and blanks are around and between them are no secret.
fn is_personal(folded: &str, owner: Owner<'_>, product: Option<&DisplayName>) -> bool {
    let names = [owner.name, product].into_iter().flatten().map(DisplayName::as_str);
    let words = names.chain([owner.email.local_part(), SERVER]);
    let typed = SecretString::from(letters(folded));
    folded == owner.email.key().as_str()
        || words.map(fold).any(|word| {
            folded == word
                || (!typed.expose_secret().is_empty() && typed.expose_secret() == letters(&word))
        })
}

/// A word as it is compared with passwords.
fn fold(word: &str) -> String {
    word.nfc().collect::<String>().to_lowercase().nfc().collect()
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(input: &str) -> Result<NewPassword, UnacceptablePassword> {
        accept_of(None, None, input)
    }

    /// Judges what somebody of this name chooses for a product of this name.
    fn accept_of(
        name: Option<&str>,
        product: Option<&str>,
        input: &str,
    ) -> Result<NewPassword, UnacceptablePassword> {
        let email = EmailAddress::parse("maria.lopez@example.com").unwrap();
        let [name, product] =
            [name, product].map(|it| it.map(|text| DisplayName::parse(text).unwrap()));
        let policy = PasswordPolicy { min_length: 8, max_length: 128, product };
        NewPassword::parse(&input.into(), Owner { email: &email, name: name.as_ref() }, &policy)
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
        for own in [
            "maria.lopez",
            "maria.lopez@example.com",
            "Maria.Lopez2026!",
            "marialopez",
            "2026 Maria & Lopez",
            "FastAuth123",
        ] {
            assert_eq!(accept(own).unwrap_err(), UnacceptablePassword::Personal, "{own}");
        }
    }

    #[test]
    fn nobody_may_use_their_own_name_and_everybody_else_may() {
        for own in ["Zoë de Vries", "zoëdevries", "ZOE\u{308}-DE-VRIES-1987", "zoë.de.vries!"] {
            let refused = accept_of(Some("Zoë de Vries"), None, own).unwrap_err();
            assert_eq!(refused, UnacceptablePassword::Personal, "{own}");
            assert!(accept(own).is_ok(), "{own}");
        }
        assert!(accept_of(Some("Zoë de Vries"), None, "zoë de vries was here").is_ok());
    }

    #[test]
    fn a_name_is_known_in_letters_that_only_one_case_has_as_a_single_character() {
        for own in ["eri\u{1e97}reia", "ERIT\u{308}REIA", "erit\u{308}reia!"] {
            let refused = accept_of(Some("Eri\u{1e97}reia"), None, own).unwrap_err();
            assert_eq!(refused, UnacceptablePassword::Personal, "{own}");
        }
    }

    #[test]
    fn nobody_may_use_the_name_of_the_product_in_whatever_spelling() {
        for product in ["Acme & Sons", "acme sons", "AcmeSons"] {
            for own in ["acme&sons", "AcmeSons2026", "123acme-sons"] {
                let refused = accept_of(None, Some(product), own).unwrap_err();
                assert_eq!(refused, UnacceptablePassword::Personal, "{own}");
            }
            let refused = accept_of(None, Some(product), "fastauth!").unwrap_err();
            assert_eq!(refused, UnacceptablePassword::Personal, "it is still FastAuth");
        }
        assert!(accept("acmesons2026").is_ok());
    }

    #[test]
    fn a_name_without_letters_refuses_itself_alone() {
        let refused = accept_of(Some("8472-9183"), None, "8472-9183").unwrap_err();
        assert_eq!(refused, UnacceptablePassword::Personal);
        assert!(accept_of(Some("8472-9183"), None, "9911-7733").is_ok());
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
