//! The access token of a request (RFC 6750), from the one `Authorization` header and nowhere else.

use std::sync::Arc;

use axum::http::{HeaderMap, header, request::Parts};
use fastauth_domain::token::Token;

use crate::problem::{BAD_REQUEST, Problem};

/// What a challenge says where credentials are contradictory.
const INVALID_REQUEST: &str = r#"Bearer error="invalid_request""#;
/// What a challenge says where the caller is known, and may not.
pub(crate) const INSUFFICIENT_SCOPE: &str = r#"Bearer error="insufficient_scope""#;

/// The token that is shown, if one is.
pub(crate) fn token(headers: &HeaderMap) -> Result<Option<Token>, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        let problem = Problem::new(&BAD_REQUEST, "there is more than one Authorization header");
        return Err(problem.challenging(INVALID_REQUEST));
    }
    Ok(shown(value.as_bytes()))
}

/// RFC 9110, section 11.4: the scheme in whatever case, one space or more, and the token. What it is
/// made of is for whoever checks it: a token that cannot be is an invalid one, and not none.
fn shown(credentials: &[u8]) -> Option<Token> {
    let mut parts = credentials.splitn(2, |byte| *byte == b' ');
    let is_bearer = parts.next()?.eq_ignore_ascii_case(b"Bearer");
    let token = parts.next()?.trim_ascii();
    let is_shown = is_bearer && !token.is_empty();
    is_shown.then(|| Token::presented(String::from_utf8_lossy(token)))
}

/// What a token came to in this request, so that it is checked once however many ask.
pub(crate) struct Known<C: ?Sized, A> {
    /// By whom it was checked.
    by: Arc<C>,
    token: Token,
    answer: A,
}

impl<C: ?Sized, A> Known<C, A>
where
    C: Send + Sync + 'static,
    A: Clone + Send + Sync + 'static,
{
    /// The answer of the same checker for the same token.
    pub(crate) fn recall(parts: &Parts, by: &Arc<C>, token: &Token) -> Option<A> {
        let known = parts.extensions.get::<Self>()?;
        let is_same = Arc::ptr_eq(&known.by, by) && known.token.expose() == token.expose();
        is_same.then(|| known.answer.clone())
    }

    /// Keeps an answer for whoever asks next, and gives it back.
    pub(crate) fn keep(parts: &mut Parts, by: Arc<C>, token: Token, answer: A) -> A {
        parts.extensions.insert(Self { by, token, answer: answer.clone() });
        answer
    }
}

impl<C: ?Sized, A: Clone> Clone for Known<C, A> {
    fn clone(&self) -> Self {
        let (by, token, answer) = (Arc::clone(&self.by), self.token.clone(), self.answer.clone());
        Self { by, token, answer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_follows_its_scheme_after_one_space_or_more() {
        for credentials in
            ["Bearer a.b", "bearer a.b", "BEARER   a.b", "Bearer a.b ", "bEARER a.b\t"]
        {
            let token = shown(credentials.as_bytes()).unwrap();
            assert_eq!(token.expose(), "a.b", "{credentials:?}");
        }
    }

    #[test]
    fn no_token_is_shown_without_a_scheme_in_front_and_something_after_it() {
        for credentials in [
            "",
            " ",
            "Bearer",
            "Bearer ",
            "a.b",
            " Bearer a.b",
            "Bearer\ta.b",
            "Basic a.b",
            "Bear er a",
        ] {
            assert!(shown(credentials.as_bytes()).is_none(), "{credentials:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_shown_all_the_same() {
        for credentials in [&b"Bearer a b"[..], b"Bearer a, Bearer b", b"Bearer \xff", b"bearer \""]
        {
            assert!(shown(credentials).is_some(), "{credentials:?}");
        }
    }
}
