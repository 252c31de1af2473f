//! What an access token says, without asking anybody whether it still holds.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use fastauth_application::account::Accounts;
use fastauth_domain::token::Token;
use fastauth_ports::{
    access_tokens::{self, InvalidAccessToken, VerifyAccessTokens},
    clock::Clock,
};

use crate::{
    bearer::{self, Known},
    principal::NotIdentified,
    problem::{INVALID_TOKEN, Problem},
};

/// What the access token (RFC 6750) of whoever calls says: its signature, its claims and the time are
/// checked, and nothing is looked up.
///
/// A route with this argument answers 401 to everybody without a token that is in force.
/// `Option<Claims>` lets callers without a token in as well, but not those with a bad one. That a
/// session has ended or an account is closed shows when the token expires. The router's state must
/// provide [`Bearers`], as `Arc<Accounts>` does.
#[derive(Clone, Debug)]
pub struct Claims(pub access_tokens::Claims);

/// Recognises the bearers of access tokens by the tokens alone.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "ports have nothing to print")]
pub struct Bearers {
    access_tokens: Arc<dyn VerifyAccessTokens>,
    clock: Arc<dyn Clock>,
}

impl Bearers {
    /// Believes what is verified so, at the time that the clock tells.
    pub fn new(access_tokens: Arc<dyn VerifyAccessTokens>, clock: Arc<dyn Clock>) -> Self {
        Self { access_tokens, clock }
    }

    /// What a token says that is in force.
    pub fn claims(&self, token: &Token) -> Result<access_tokens::Claims, InvalidAccessToken> {
        self.access_tokens.verify(token, self.clock.now())
    }

    /// What the token of a request says, if there is one: checked once, however many want to know.
    pub(crate) fn of_request(
        &self,
        parts: &mut Parts,
    ) -> Result<Option<access_tokens::Claims>, NotIdentified> {
        let Some(token) = bearer::token(&parts.headers)? else { return Ok(None) };
        if let Some(claims) = Known::recall(parts, &self.access_tokens, &token) {
            return Ok(Some(claims));
        }
        let claims = self.claims(&token).map_err(Problem::from)?;
        Ok(Some(Known::keep(parts, Arc::clone(&self.access_tokens), token, claims)))
    }
}

impl FromRef<Arc<Accounts>> for Bearers {
    fn from_ref(accounts: &Arc<Accounts>) -> Self {
        let access_tokens: Arc<dyn VerifyAccessTokens> = Arc::clone(&accounts.access_tokens) as _;
        Self::new(access_tokens, Arc::clone(&accounts.clock))
    }
}

impl<S> FromRequestParts<S> for Claims
where
    S: Send + Sync,
    Bearers: FromRef<S>,
{
    type Rejection = NotIdentified;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotIdentified> {
        let claims = Bearers::from_ref(state).of_request(parts)?;
        claims.map(Self).ok_or_else(NotIdentified::not_authenticated)
    }
}

impl<S> OptionalFromRequestParts<S> for Claims
where
    S: Send + Sync,
    Bearers: FromRef<S>,
{
    type Rejection = NotIdentified;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, NotIdentified> {
        Ok(Bearers::from_ref(state).of_request(parts)?.map(Self))
    }
}

impl From<InvalidAccessToken> for Problem {
    fn from(why: InvalidAccessToken) -> Self {
        Self::new(&INVALID_TOKEN, why)
    }
}
