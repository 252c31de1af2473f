//! Access tokens that say nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fastauth_domain::{gate::Grant, role::Rights, time::Timestamp, token::Token};
use fastauth_ports::{
    access_tokens::{
        AccessToken, AccessTokens, Claims, InvalidAccessToken, PublicKey, VerifyAccessTokens,
    },
    unavailable::Unavailable,
};

/// Hands out `opaque-1`, `opaque-2`, ... and remembers what each of them means.
#[derive(Debug)]
pub struct OpaqueAccessTokens {
    lifetime: Duration,
    issued: Mutex<HashMap<String, Claims>>,
}

impl OpaqueAccessTokens {
    /// Tokens that are accepted this long.
    pub fn lasting(lifetime: Duration) -> Self {
        Self { lifetime, issued: Mutex::default() }
    }

    fn issued(&self) -> MutexGuard<'_, HashMap<String, Claims>> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for OpaqueAccessTokens {
    /// Tokens that are accepted for half an hour.
    fn default() -> Self {
        Self::lasting(Duration::from_mins(30))
    }
}

impl AccessTokens for OpaqueAccessTokens {
    fn issue(
        &self,
        grant: &Grant,
        rights: &Rights,
        now: Timestamp,
    ) -> Result<AccessToken, Unavailable> {
        let claims = Claims {
            account: grant.account(),
            session: grant.session(),
            issued_at: now,
            expires_at: now.plus(self.lifetime),
            rights: rights.clone(),
        };
        let mut issued = self.issued();
        let text = format!("opaque-{}", issued.len() + 1);
        issued.insert(text.clone(), claims);
        Ok(AccessToken { token: Token::presented(text), lifetime: self.lifetime })
    }

    /// None: what a token means is in no place but here.
    fn public_keys(&self) -> Vec<PublicKey> {
        Vec::new()
    }
}

impl VerifyAccessTokens for OpaqueAccessTokens {
    fn verify(&self, token: &Token, now: Timestamp) -> Result<Claims, InvalidAccessToken> {
        let claims = self.issued().get(token.expose()).cloned().ok_or(InvalidAccessToken)?;
        if now < claims.expires_at { Ok(claims) } else { Err(InvalidAccessToken) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::flows;

    #[test]
    fn a_token_means_what_it_was_issued_for_until_it_expires() {
        let tokens = OpaqueAccessTokens::default();
        let (_, grant) = flows::register("ada@example.com", &mut flows::moment(1));
        let now = flows::NOW;
        let AccessToken { token, lifetime } =
            tokens.issue(&grant, &Rights::default(), now).unwrap();
        let claims = tokens.verify(&token, now).unwrap();
        assert_eq!((claims.account, claims.session), (grant.account(), grant.session()));
        assert_eq!(tokens.verify(&token, now.plus(lifetime)), Err(InvalidAccessToken));
        assert!(tokens.verify(&Token::presented("opaque-2"), now).is_err());
    }
}
