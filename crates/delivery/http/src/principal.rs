//! Who calls.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use fastauth_application::account::{Accounts, Caller, IdentifyError};

use crate::{
    bearer::{self, INSUFFICIENT_SCOPE, Known},
    problem::{EMAIL_NOT_VERIFIED, INVALID_TOKEN, NOT_AUTHENTICATED, Problem},
};

/// The signed-in user who calls: the holder of an access token (RFC 6750) whose session is alive
/// and whose account is active at this moment.
///
/// A route with this argument answers 401 to everybody else. `Option<CurrentUser>` lets callers
/// without a token in as well, but not those with a bad one. The router's state must provide
/// `Arc<Accounts>`.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub Caller);

/// A [`CurrentUser`] who has proven to receive mail at the account's address.
///
/// A route with this argument answers 401 to whoever is not signed in, and 403 to whoever is and has
/// not proven it (`email_not_verified`).
#[derive(Clone, Debug)]
pub struct VerifiedUser(pub Caller);

/// Why a caller was not let in; answered as problem details.
#[derive(Debug)]
pub struct NotIdentified(pub(crate) Problem);

impl NotIdentified {
    /// There is no access token.
    pub(crate) fn not_authenticated() -> Self {
        Self(Problem::new(&NOT_AUTHENTICATED, "the request carries no access token"))
    }
}

impl From<Problem> for NotIdentified {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for NotIdentified {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

/// The caller, if there is a token: asked for once in a request, however many want to know.
pub(crate) async fn identify(
    parts: &mut Parts,
    accounts: &Arc<Accounts>,
) -> Result<Option<Caller>, NotIdentified> {
    let Some(token) = bearer::token(&parts.headers)? else { return Ok(None) };
    if let Some(caller) = Known::recall(parts, accounts, &token) {
        return Ok(Some(caller));
    }
    let caller = accounts.identify(&token).await.map_err(Problem::from)?;
    Ok(Some(Known::keep(parts, Arc::clone(accounts), token, caller)))
}

impl<S> FromRequestParts<S> for CurrentUser
where
    S: Send + Sync,
    Arc<Accounts>: FromRef<S>,
{
    type Rejection = NotIdentified;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotIdentified> {
        let caller = identify(parts, &Arc::<Accounts>::from_ref(state)).await?;
        caller.map(Self).ok_or_else(NotIdentified::not_authenticated)
    }
}

impl<S> OptionalFromRequestParts<S> for CurrentUser
where
    S: Send + Sync,
    Arc<Accounts>: FromRef<S>,
{
    type Rejection = NotIdentified;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &S,
    ) -> Result<Option<Self>, NotIdentified> {
        Ok(identify(parts, &Arc::<Accounts>::from_ref(state)).await?.map(Self))
    }
}

impl<S> FromRequestParts<S> for VerifiedUser
where
    S: Send + Sync,
    Arc<Accounts>: FromRef<S>,
{
    type Rejection = NotIdentified;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotIdentified> {
        let caller = identify(parts, &Arc::<Accounts>::from_ref(state)).await?;
        let caller = caller.ok_or_else(NotIdentified::not_authenticated)?;
        if caller.account.verified_at.is_none() {
            let problem = Problem::new(&EMAIL_NOT_VERIFIED, "the e-mail address is not verified");
            return Err(problem.challenging(INSUFFICIENT_SCOPE).into());
        }
        Ok(Self(caller))
    }
}

impl From<IdentifyError> for Problem {
    fn from(error: IdentifyError) -> Self {
        match error {
            IdentifyError::InvalidAccessToken(why) => Self::new(&INVALID_TOKEN, why),
            IdentifyError::Unavailable(why) => why.into(),
        }
    }
}
