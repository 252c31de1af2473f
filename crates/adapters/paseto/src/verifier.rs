//! Checking access tokens: all it takes is the server's public keys and its name.

use fastauth_domain::{time::Timestamp, token::Token};
use fastauth_ports::access_tokens::{Claims, InvalidAccessToken, VerifyAccessTokens};
use pasetors::{
    errors::Error,
    keys::AsymmetricPublicKey,
    paserk::{FormatAsPaserk, Id},
    token::{Public, UntrustedToken},
    version4::{PublicToken, V4},
};

use crate::claims::WireClaims;

/// No token of ours is longer, and none is looked at that is.
pub(crate) const MAX_BYTES: usize = 4_096;

/// Checks the access tokens of one server, for a program that has neither its secret nor its database.
///
/// The server publishes its keys at `/.well-known/paseto-keys`. That a session has ended is not known
/// here: a token is accepted until it expires.
#[derive(Clone)]
pub struct Verifier {
    keys: Vec<TrustedKey>,
    issuer: String,
    assertion: Vec<u8>,
}

/// Why no verifier could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    /// There is not one key.
    #[error("there is no public key to check access tokens with")]
    None,
    /// The n-th text, counted from 1, is something else. It is not repeated: it may be a secret key.
    #[error("public key {0} is not PASERK of the form k4.public.…")]
    Unreadable(usize),
}

/// A key, and the footer that the tokens carry which it checks.
#[derive(Clone)]
pub(crate) struct TrustedKey {
    pub(crate) key: AsymmetricPublicKey<V4>,
    pub(crate) id: String,
    pub(crate) footer: Vec<u8>,
}

impl TrustedKey {
    pub(crate) fn new(key: AsymmetricPublicKey<V4>) -> Result<Self, std::fmt::Error> {
        let mut id = String::new();
        Id::from(&key).fmt(&mut id)?;
        let footer = serde_json::json!({ "kid": id }).to_string().into_bytes();
        Ok(Self { key, id, footer })
    }
}

impl Verifier {
    /// Accepts the tokens that the server with this public URL signs with one of these keys
    /// (`k4.public.…`).
    pub fn new<K: AsRef<str>>(
        issuer: impl Into<String>,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Self, InvalidKeys> {
        let keys: Vec<_> = keys
            .into_iter()
            .zip(1..)
            .map(|(key, nth)| {
                let key = AsymmetricPublicKey::<V4>::try_from(key.as_ref());
                let key = key.map_err(|_| InvalidKeys::Unreadable(nth))?;
                TrustedKey::new(key).map_err(|_| InvalidKeys::Unreadable(nth))
            })
            .collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(InvalidKeys::None) } else { Ok(Self::of(issuer.into(), keys)) }
    }

    pub(crate) fn of(issuer: String, keys: Vec<TrustedKey>) -> Self {
        let assertion = serde_json::json!({ "environment": issuer, "purpose": "access" });
        Self { keys, issuer, assertion: assertion.to_string().into_bytes() }
    }

    /// Who signs.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What is signed with each token, and not carried by it.
    pub(crate) fn assertion(&self) -> &[u8] {
        &self.assertion
    }

    /// What a token says, if one of the keys has signed it. Its footer tells which one it would be.
    fn trusted_payload(&self, token: &Token) -> Result<String, Error> {
        let text = token.expose();
        if text.len() > MAX_BYTES {
            return Err(Error::TokenFormat);
        }
        let untrusted = UntrustedToken::<Public, V4>::try_from(text)?;
        let named = |trusted: &&TrustedKey| trusted.footer == untrusted.untrusted_footer();
        let trusted = self.keys.iter().find(named).ok_or(Error::TokenValidation)?;
        let (footer, assertion) = (Some(trusted.footer.as_slice()), Some(self.assertion()));
        let trusted = PublicToken::verify(&trusted.key, &untrusted, footer, assertion)?;
        Ok(trusted.payload().to_owned())
    }
}

impl VerifyAccessTokens for Verifier {
    fn verify(&self, token: &Token, now: Timestamp) -> Result<Claims, InvalidAccessToken> {
        let payload = self.trusted_payload(token).map_err(|_| InvalidAccessToken)?;
        let claims: WireClaims = serde_json::from_str(&payload).map_err(|_| InvalidAccessToken)?;
        claims.check(&self.issuer, now).ok_or(InvalidAccessToken)
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys: Vec<_> = self.keys.iter().map(|trusted| &trusted.id).collect();
        f.debug_struct("Verifier")
            .field("issuer", &self.issuer)
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}
