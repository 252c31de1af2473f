//! The tokens that a grant earns.

use std::{sync::Arc, time::Duration};

use fastauth_domain::{gate::Grant, refresh_token::RefreshKey, role::Rights, token::Token};
use fastauth_ports::{
    access_tokens::AccessTokens, clock::Clock, roles::ReadRoles, unavailable::Unavailable,
};

/// What a client gets that signed in: an access token to show, and a refresh token to keep.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Shown with each request (RFC 6750).
    pub access_token: Token,
    /// Exchanged for the next pair.
    pub refresh_token: Token,
    /// How long the access token is accepted.
    pub expires_in: Duration,
}

/// Turns a grant into tokens. There is no other way to a token, and no grant without the gate.
#[derive(Clone)]
pub struct TokenIssuer {
    /// Makes access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Finds what access tokens say that their holders may do; `None` if they do not say it.
    pub roles: Option<Arc<dyn ReadRoles>>,
    /// Seals refresh tokens.
    pub refresh_key: RefreshKey,
    /// Tells when.
    pub clock: Arc<dyn Clock>,
}

impl TokenIssuer {
    /// The tokens of a grant whose changes have been committed.
    pub(crate) async fn issue(&self, grant: &Grant) -> Result<Tokens, Unavailable> {
        let rights = self.rights(grant).await?;
        let access = self.access_tokens.issue(grant, &rights, self.clock.now())?;
        Ok(Tokens {
            access_token: access.token,
            refresh_token: grant.refresh_token().seal(&self.refresh_key),
            expires_in: access.lifetime,
        })
    }

    async fn rights(&self, grant: &Grant) -> Result<Rights, Unavailable> {
        let Some(roles) = &self.roles else { return Ok(Rights::default()) };
        Ok(roles.rights(grant.account()).await?.unwrap_or_default())
    }
}
