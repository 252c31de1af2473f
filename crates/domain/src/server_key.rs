//! The server's one secret, and the keys derived from it.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The fewest bytes a server secret may have.
pub const MIN_BYTES: usize = 32;

/// Fewer different bytes than this in a secret mean that nobody drew it at random.
const MIN_DISTINCT_BYTES: usize = 12;

/// What is left of well-known placeholders once case and punctuation are gone.
const PLACEHOLDERS: [&str; 9] = [
    "changeme",
    "default",
    "example",
    "insecure",
    "password",
    "placeholder",
    "secretkey",
    "supersecret",
    "yoursecret",
];

/// Why a server secret was refused. No variant repeats the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// Fewer than [`MIN_BYTES`] bytes.
    #[error("it is shorter than {MIN_BYTES} bytes")]
    TooShort,
    /// It contains a well-known placeholder, or repeats a handful of characters.
    #[error("it can be guessed")]
    Guessable,
}

/// What a derived key is for. A key of one purpose is useless for any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    /// Authenticates refresh tokens.
    RefreshToken,
    /// Derives the one-time tokens that are mailed.
    OneTimeToken,
    /// Seeds the Ed25519 key that signs access tokens.
    AccessToken,
    /// Goes into password hashes, besides their salts.
    PasswordPepper,
    /// Tells peppers apart.
    PasswordPepperId,
}

impl KeyPurpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::RefreshToken => b"fastauth/v1/refresh-token",
            Self::OneTimeToken => b"fastauth/v1/one-time-token",
            Self::AccessToken => b"fastauth/v1/access-token",
            Self::PasswordPepper => b"fastauth/v1/password-pepper",
            Self::PasswordPepperId => b"fastauth/v1/password-pepper-id",
        }
    }
}

/// The server's secret (`SECRET_KEY`): the same in every instance, known to nobody else.
#[derive(Clone, Debug)]
pub struct ServerKey(SecretString);

impl ServerKey {
    /// Accepts a secret of at least [`MIN_BYTES`] bytes that is no known placeholder.
    pub fn parse(secret: SecretString) -> Result<Self, WeakSecret> {
        let text = secret.expose_secret();
        if text.len() < MIN_BYTES {
            return Err(WeakSecret::TooShort);
        }
        let letters: Zeroizing<String> = Zeroizing::new(
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_lowercase())
                .collect(),
        );
        let distinct = text.bytes().collect::<std::collections::HashSet<_>>().len();
        if distinct < MIN_DISTINCT_BYTES || PLACEHOLDERS.iter().any(|word| letters.contains(word)) {
            return Err(WeakSecret::Guessable);
        }
        Ok(Self(secret))
    }

    /// The 256-bit key for one purpose: HKDF-SHA-256 (RFC 5869) with the purpose as its info.
    pub fn derive(&self, purpose: KeyPurpose) -> DerivedKey {
        let mut key = Zeroizing::new([0; 32]);
        // HKDF-SHA-256 gives up to 8,160 bytes; 32 cannot be too many.
        let _: Result<(), hkdf::InvalidLength> =
            Hkdf::<Sha256>::new(None, self.0.expose_secret().as_bytes())
                .expand(purpose.label(), key.as_mut_slice());
        DerivedKey(key)
    }
}

/// A key derived from the [`ServerKey`]; wiped when dropped.
#[derive(Clone)]
pub struct DerivedKey(Zeroizing<[u8; 32]>);

impl DerivedKey {
    /// The key's bytes, for the algorithm it was derived for.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 (RFC 2104) under this key.
    pub(crate) fn hmac(&self) -> Hmac<Sha256> {
        let mut block = Zeroizing::new([0; 64]);
        for (padded, byte) in block.iter_mut().zip(self.0.iter()) {
            *padded = *byte;
        }
        Hmac::new((&*block).into())
    }
}

impl std::fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DerivedKey([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(secret: &str) -> Result<ServerKey, WeakSecret> {
        ServerKey::parse(secret.into())
    }

    #[test]
    fn short_and_well_known_secrets_are_refused() {
        assert_eq!(parse("CHANGE_ME_SUPER_SECRET").unwrap_err(), WeakSecret::TooShort);
        for weak in [
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "0123456789012345678901234567890123456789",
            "please-change-me-before-production-2026!",
            "Your_Secret_goes_here_0987654321_abcdef",
        ] {
            assert_eq!(parse(weak).unwrap_err(), WeakSecret::Guessable, "{weak}");
        }
    }

    #[test]
    fn each_purpose_has_its_own_key() {
        let server = parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa").unwrap();
        let refresh = server.derive(KeyPurpose::RefreshToken);
        assert_eq!(refresh.expose(), server.derive(KeyPurpose::RefreshToken).expose());
        assert_ne!(refresh.expose(), server.derive(KeyPurpose::OneTimeToken).expose());
        assert_ne!(refresh.expose(), server.derive(KeyPurpose::AccessToken).expose());
    }

    #[test]
    fn nothing_of_a_key_is_printed() {
        let server = parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa").unwrap();
        let printed = format!("{server:?} {:?}", server.derive(KeyPurpose::RefreshToken));
        assert!(!printed.contains("oJ0x1c") && printed.contains("REDACTED"), "{printed}");
    }
}
