//! Access tokens as PASETO v4.public: Ed25519 signatures, and no algorithm to choose.
//!
//! A token is bound to what it is for and to the server it is for, by claims that everybody can read
//! and by an implicit assertion that is signed but not carried. The footer names the key.

mod claims;

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
    access_tokens::{AccessToken, AccessTokens, Claims, InvalidAccessToken},
    randomness::Randomness,
    unavailable::Unavailable,
};
use pasetors::{
    errors::Error,
    keys::{AsymmetricPublicKey, AsymmetricSecretKey},
    paserk::{FormatAsPaserk, Id},
    token::{Public, UntrustedToken},
    version4::{PublicToken, V4},
};

use crate::claims::WireClaims;

/// No token of ours is longer, and none is looked at that is.
const MAX_BYTES: usize = 4_096;

/// Makes and checks access tokens for one server.
pub struct PasetoTokens {
    secret_key: AsymmetricSecretKey<V4>,
    public_key: AsymmetricPublicKey<V4>,
    key_id: String,
    footer: Vec<u8>,
    assertion: Vec<u8>,
    issuer: String,
    lifetime: Duration,
    randomness: Arc<dyn Randomness>,
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
        let issuer = issuer.into();
        let (secret_key, public_key) = keys(server_key).map_err(|_| KeyNotMade)?;
        let key_id = paserk(&Id::from(&public_key))?;
        let footer = serde_json::json!({ "kid": key_id }).to_string().into_bytes();
        let assertion = serde_json::json!({ "environment": issuer, "purpose": "access" });
        let assertion = assertion.to_string().into_bytes();
        Ok(Self { secret_key, public_key, key_id, footer, assertion, issuer, lifetime, randomness })
    }

    /// The PASERK id of the key (`k4.pid.…`), as the footers carry it.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The public key as PASERK (`k4.public.…`), with which others can check tokens.
    pub fn public_key(&self) -> Result<String, KeyNotMade> {
        paserk(&self.public_key)
    }

    fn sign(&self, claims: &WireClaims) -> Result<String, Unavailable> {
        let payload = serde_json::to_vec(claims).map_err(Unavailable::new)?;
        let (footer, assertion) = (Some(self.footer.as_slice()), Some(self.assertion.as_slice()));
        PublicToken::sign(&self.secret_key, &payload, footer, assertion)
            .map_err(|error| Unavailable::new(format!("signing failed: {error:?}")))
    }

    fn trusted_payload(&self, token: &Token) -> Result<String, Error> {
        let text = token.expose();
        if text.len() > MAX_BYTES {
            return Err(Error::TokenFormat);
        }
        let untrusted = UntrustedToken::<Public, V4>::try_from(text)?;
        let (footer, assertion) = (Some(self.footer.as_slice()), Some(self.assertion.as_slice()));
        let trusted = PublicToken::verify(&self.public_key, &untrusted, footer, assertion)?;
        Ok(trusted.payload().to_owned())
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
        let claims = WireClaims::new(grant, id, &self.issuer, now, self.lifetime)
            .ok_or_else(|| Unavailable::new("the time cannot be written as RFC 3339"))?
            .with(rights);
        let mut token = self.sign(&claims)?;
        if token.len() > MAX_BYTES {
            tracing::warn!(account = %grant.account(), "an access token has no room for the roles");
            token = self.sign(&claims.with(&Rights::default()))?;
        }
        Ok(AccessToken { token: Token::presented(token), lifetime: self.lifetime })
    }

    fn verify(&self, token: &Token, now: Timestamp) -> Result<Claims, InvalidAccessToken> {
        let payload = self.trusted_payload(token).map_err(|_| InvalidAccessToken)?;
        let claims: WireClaims = serde_json::from_str(&payload).map_err(|_| InvalidAccessToken)?;
        claims.check(&self.issuer, now).ok_or(InvalidAccessToken)
    }
}

impl std::fmt::Debug for PasetoTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasetoTokens").field("key_id", &self.key_id).finish_non_exhaustive()
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

fn paserk(key: &impl FormatAsPaserk) -> Result<String, KeyNotMade> {
    let mut text = String::new();
    key.fmt(&mut text).map_err(|_| KeyNotMade)?;
    Ok(text)
}
