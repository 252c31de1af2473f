//! The text form of the tokens that are handed out, and what is stored of them.
//!
//! `fa_<kind>_` + unpadded base64url (RFC 4648 section 5) of the payload and a four-byte checksum.
//! The prefix and the checksum let a secret scanner tell a leaked token from random text without
//! asking the server; they protect nothing by themselves.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const CHECKSUM_BYTES: usize = 4;

/// A token as its holder has it. Never stored; hidden when printed and wiped when dropped.
#[derive(Clone, Debug)]
pub struct Token(SecretString);

impl Token {
    /// Takes a token as a client sent it.
    pub fn presented(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The token's text, to be handed to its holder and nobody else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub(crate) fn encode(prefix: &str, payload: &[u8]) -> Self {
        let mut bytes = Zeroizing::new(payload.to_vec());
        bytes.extend_from_slice(&checksum(prefix, payload));
        Self(SecretString::from(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes.as_slice()))))
    }

    /// The payload, if this is a whole token of that prefix with a payload of `N` bytes.
    pub(crate) fn decode<const N: usize>(&self, prefix: &str) -> Option<Zeroizing<[u8; N]>> {
        let encoded = self.expose().strip_prefix(prefix)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
        let (payload, sum) = bytes.split_last_chunk::<CHECKSUM_BYTES>()?;
        let payload: [u8; N] = payload.try_into().ok()?;
        (*sum == checksum(prefix, &payload)).then(|| Zeroizing::new(payload))
    }
}

fn checksum(prefix: &str, payload: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest: [u8; 32] =
        Sha256::new().chain_update(prefix).chain_update(payload).finalize().into();
    digest.first_chunk().copied().unwrap_or_default()
}

/// What is stored of a 256-bit secret: its SHA-256. A secret that long cannot be found by trying,
/// so that no slow hash is needed (OWASP ASVS 5.0, 6.5.2). Compared in constant time.
#[derive(Clone, Copy, Debug)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Hashes a secret of 256 random bits.
    pub(crate) fn of(secret: &[u8; 32]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Reads a stored hash.
    pub const fn from_stored(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_only_whole_and_under_its_own_prefix() {
        let token = Token::encode("fa_test_", &[7; 32]);
        assert_eq!(token.decode::<32>("fa_test_").as_deref(), Some(&[7; 32]));
        assert!(token.decode::<32>("fa_other_").is_none());
        assert!(token.decode::<31>("fa_test_").is_none());
        let cut = Token::presented(&token.expose()[..token.expose().len() - 1]);
        assert!(cut.decode::<32>("fa_test_").is_none());
    }

    #[test]
    fn no_changed_character_passes() {
        let token = Token::encode("fa_test_", &[7; 32]);
        for at in 0..token.expose().len() {
            let mut text = token.expose().to_owned().into_bytes();
            text[at] = if text[at] == b'A' { b'B' } else { b'A' };
            let changed = Token::presented(String::from_utf8(text).unwrap());
            assert!(changed.decode::<32>("fa_test_").is_none(), "changed at {at}");
        }
    }

    #[test]
    fn a_token_is_hidden_when_printed() {
        let token = Token::presented("fa_test_visible");
        assert!(!format!("{token:?}").contains("visible"));
    }
}
