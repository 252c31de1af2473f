//! Who calls.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use fastauth_application::account::{Accounts, Caller, IdentifyError};
use fastauth_domain::token::Token;

use crate::problem::{BAD_REQUEST, INVALID_TOKEN, NOT_AUTHENTICATED, Problem};

/// The signed-in user who calls: the holder of an access token (RFC 6750) whose session is alive
/// and whose account is active at this moment.
///
/// A route with this argument answers 401 to everybody else. `Option<CurrentUser>` lets callers
/// without a token in as well, but not those with a bad one. The router's state must provide
/// `Arc<Accounts>`.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub Caller);

/// Why a caller was not let in; answered as problem details.
#[derive(Debug)]
pub struct NotIdentified(pub(crate) Problem);

impl axum::response::IntoResponse for NotIdentified {
    fn into_response(self) -> axum::response::Response {
        self.0.into_response()
    }
}

impl<S> FromRequestParts<S> for CurrentUser
where
    S: Send + Sync,
    Arc<Accounts>: FromRef<S>,
{
    type Rejection = NotIdentified;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotIdentified> {
        let caller =
            <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        caller.ok_or_else(|| {
            let detail = "the request carries no access token";
            NotIdentified(Problem::new(&NOT_AUTHENTICATED, detail))
        })
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
        let Some(token) = bearer(&parts.headers).map_err(NotIdentified)? else { return Ok(None) };
        let accounts = Arc::<Accounts>::from_ref(state);
        let caller =
            accounts.identify(&token).await.map_err(|error| NotIdentified(error.into()))?;
        Ok(Some(Self(caller)))
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

/// The token of the one `Authorization` header, if its scheme is `Bearer`, in whatever case.
fn bearer(headers: &HeaderMap) -> Result<Option<Token>, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::new(&BAD_REQUEST, "there is more than one Authorization header"));
    }
    let Some((scheme, token)) = value.to_str().ok().and_then(|value| value.split_once(' ')) else {
        return Ok(None);
    };
    Ok(scheme.eq_ignore_ascii_case("Bearer").then(|| Token::presented(token.trim())))
}
