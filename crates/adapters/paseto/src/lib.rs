//! Access tokens as PASETO v4.public: Ed25519 signatures, and no algorithm to choose.
//!
//! A token is bound to what it is for and to the server it is for, by claims that everybody can read
//! and by an implicit assertion that is signed but not carried. The footer names the key.
//!
//! [`PasetoTokens`] makes tokens, with the server's secret. [`Verifier`] only checks them, with
//! public keys.

mod claims;
mod verifier;

use std::{sync::Arc, time::Duration};

use ed25519_compact::{KeyPair, Seed};
use fastauth_domain::{
    gate::Grant,
    identifier::AccessTokenId,
    moment::Moment,
    role::Rights,
    server_key::{KeyPurpose, ServerKey},
    time::Timestamp,
    token::Token,
};
use fastauth_ports::{
    access_tokens::{
        AccessToken, AccessTokens, Claims, InvalidAccessToken, PublicKey, VerifyAccessTokens,
    },
    randomness::Randomness,
    unavailable::Unavailable,
};
use pasetors::{
    errors::Error,
    keys::{AsymmetricPublicKey, AsymmetricSecretKey},
    paserk::FormatAsPaserk,
    version4::{PublicToken, V4},
};

pub use crate::verifier::{InvalidKeys, Verifier};
use crate::{
    claims::WireClaims,
    verifier::{MAX_BYTES, TrustedKey},
};

/// Makes and checks access tokens for one server.
pub struct PasetoTokens {
    secret_key: AsymmetricSecretKey<V4>,
    public_key: PublicKey,
    footer: Vec<u8>,
    lifetime: Duration,
    randomness: Arc<dyn Randomness>,
    verifier: Verifier,
}

/// The signing key could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key that signs access tokens could not be made")]
pub struct KeyNotMade;

impl PasetoTokens {
    /// Tokens that this server signs, for itself. The issuer is its public URL: it is also the
    /// audience, because a token is accepted where it was made and nowhere else.
    ///
    /// Everything that can be done once is done here: pasetors derives a public key from a secret
    /// one each time it is asked, which takes as long as a signature.
    pub fn new(
        server_key: &ServerKey,
        issuer: impl Into<String>,
        lifetime: Duration,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, KeyNotMade> {
        let (secret_key, key) = keys(server_key).map_err(|_| KeyNotMade)?;
        let mut paserk = String::new();
        key.fmt(&mut paserk).map_err(|_| KeyNotMade)?;
        let trusted = TrustedKey::new(key).map_err(|_| KeyNotMade)?;
        let public_key = PublicKey { id: trusted.id.clone(), key: paserk, expires_at: None };
        let footer = trusted.footer.clone();
        let verifier = Verifier::of(issuer.into(), vec![trusted]);
        Ok(Self { secret_key, public_key, footer, lifetime, randomness, verifier })
    }

    /// The key with which others can check its tokens.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn sign(&self, claims: &WireClaims) -> Result<String, Unavailable> {
        let payload = serde_json::to_vec(claims).map_err(Unavailable::new)?;
        let (footer, assertion) = (Some(self.footer.as_slice()), Some(self.verifier.assertion()));
        PublicToken::sign(&self.secret_key, &payload, footer, assertion)
            .map_err(|error| Unavailable::new(format!("signing failed: {error:?}")))
    }
}

impl AccessTokens for PasetoTokens {
    fn issue(
        &self,
        grant: &Grant,
        rights: &Rights,
        now: Timestamp,
    ) -> Result<AccessToken, Unavailable> {
        let id = AccessTokenId::generate(&mut Moment::new(now, self.randomness.seed()?));
        let claims = WireClaims::new(grant, id, self.verifier.issuer(), now, self.lifetime)
            .ok_or_else(|| Unavailable::new("the time cannot be written as RFC 3339"))?
            .with(rights);
        let mut token = self.sign(&claims)?;
        if token.len() > MAX_BYTES {
            tracing::warn!(account = %grant.account(), "an access token has no room for the roles");
            token = self.sign(&claims.with(&Rights::default()))?;
        }
        Ok(AccessToken { token: Token::presented(token), lifetime: self.lifetime })
    }

    fn public_keys(&self) -> Vec<PublicKey> {
        vec![self.public_key.clone()]
    }
}

impl VerifyAccessTokens for PasetoTokens {
    fn verify(&self, token: &Token, now: Timestamp) -> Result<Claims, InvalidAccessToken> {
        self.verifier.verify(token, now)
    }
}

impl std::fmt::Debug for PasetoTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasetoTokens").field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

fn keys(
    server_key: &ServerKey,
) -> Result<(AsymmetricSecretKey<V4>, AsymmetricPublicKey<V4>), Error> {
    let seed = server_key.derive(KeyPurpose::AccessToken);
    let pair = KeyPair::from_seed(Seed::new(*seed.expose()));
    let secret_key = AsymmetricSecretKey::<V4>::from(pair.sk.as_slice())?;
    let public_key = AsymmetricPublicKey::<V4>::from(pair.pk.as_slice())?;
    Ok((secret_key, public_key))
}
