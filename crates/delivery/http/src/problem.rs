//! What goes wrong, in one vocabulary: problem details (RFC 9457) with a stable code.
//!
//! A slice chooses a kind for each of its refusals; status, title and headers follow from it.
//! Turning a refusal into a problem has no side effect: its cause is logged by one middleware.

use std::{fmt::Display, sync::Arc, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use fastauth_domain::limit::TooManyAttempts;
use fastauth_ports::unavailable::Unavailable;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    field_error::{self, FieldError},
    limit,
};

/// The media type of a problem.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) status: StatusCode,
    /// Its stable name.
    pub(crate) code: &'static str,
    /// What it means, in a few words.
    pub(crate) title: &'static str,
    /// What a client is to make of it.
    pub(crate) advice: &'static str,
}

macro_rules! vocabulary {
    ($($name:ident = $status:ident, $code:literal, $title:literal, $advice:literal;)+) => {
        $(pub(crate) const $name: Kind = Kind {
            status: StatusCode::$status, code: $code, title: $title, advice: $advice,
        };)+

        /// Every kind there is.
        const ALL: &[Kind] = &[$($name,)+];
    };
}

vocabulary! {
    MALFORMED_JSON = BAD_REQUEST, "malformed_json", "The body is not JSON",
        "The body cannot be read as JSON. Send UTF-8 encoded JSON, nested at most 32 levels deep.";
    BAD_REQUEST = BAD_REQUEST, "bad_request", "The request cannot be understood",
        "The request contradicts itself, for example with two `Authorization` headers.";
    TOKEN_INVALID = BAD_REQUEST, "token_invalid", "The token is not valid",
        "The one-time token is unknown, has been used, or was replaced by a newer one. Ask for another.";
    TOKEN_EXPIRED = BAD_REQUEST, "token_expired", "The token has expired",
        "The one-time token came too late. Ask for another.";
    INVALID_PASSWORD = BAD_REQUEST, "invalid_password", "The password is wrong",
        "The password that was asked for again is not the account's. An account without one can set one by way of a reset.";
    NOT_AUTHENTICATED = UNAUTHORIZED, "not_authenticated", "Sign in first",
        "The request needs an access token: `Authorization: Bearer <token>`.";
    INVALID_TOKEN = UNAUTHORIZED, "invalid_token", "The access token is not valid",
        "The access token is not one of this server, has expired, or its session or account has ended. Refresh, or sign in.";
    INVALID_CREDENTIALS = UNAUTHORIZED, "invalid_credentials", "Wrong email or password",
        "The address is unknown, the password is wrong, or the account is closed. It is not said which.";
    INVALID_REFRESH_TOKEN = UNAUTHORIZED, "invalid_refresh_token", "The refresh token is not valid",
        "The refresh token is not one of this server, or its session or account has ended. Sign in again.";
    REFRESH_TOKEN_REUSED = UNAUTHORIZED, "refresh_token_reused", "The refresh token was used before",
        "The refresh token was used before, so that two parties may have it. Its session has ended. Sign in again.";
    EMAIL_NOT_VERIFIED = FORBIDDEN, "email_not_verified", "The email address is not verified",
        "Who you are is known, but the address must be verified first. Ask for the mail again, and follow its link.";
    PERMISSION_DENIED = FORBIDDEN, "permission_denied", "You may not do this",
        "Whoever calls is signed in, and none of their roles permits it. `detail` says what it takes. An administrator can assign a role; it counts at once.";
    NOTICE_REFUSED = FORBIDDEN, "notice_refused", "The notice is not believed",
        "What was posted of mail is not signed by whom it should be, is too old, or cannot be understood. Look at the secret and at the clock.";
    NOT_FOUND = NOT_FOUND, "not_found", "There is nothing here",
        "No such path.";
    SESSION_NOT_FOUND = NOT_FOUND, "session_not_found", "There is no such session",
        "You have no session of this id. It has ended, or it is somebody else's: it is not said which.";
    ROLE_NOT_FOUND = NOT_FOUND, "role_not_found", "There is no such role",
        "No role has this name.";
    USER_NOT_FOUND = NOT_FOUND, "user_not_found", "There is no such user",
        "No account has this id.";
    METHOD_NOT_ALLOWED = METHOD_NOT_ALLOWED, "method_not_allowed", "The method is not allowed here",
        "The path is right and the method is not. `Allow` lists those that are.";
    USER_ALREADY_EXISTS = CONFLICT, "user_already_exists", "The email address is taken",
        "The address has an account. Sign in, or reset the password. Never answered where addresses must be verified.";
    EMAIL_TAKEN = CONFLICT, "email_taken", "The email address is taken",
        "The address has another account. Not answered to a request for it where addresses must be verified.";
    ROLE_ALREADY_EXISTS = CONFLICT, "role_already_exists", "The name of the role is taken",
        "There is a role of this name. Grant it what is missing, or choose another name.";
    LAST_ADMINISTRATOR = CONFLICT, "last_administrator", "Somebody must manage roles",
        "Nobody would be left who may manage roles. Make somebody else an administrator first.";
    REQUEST_TIMEOUT = REQUEST_TIMEOUT, "request_timeout", "The request took too long",
        "The body did not come within ten seconds. Send it again, over a better connection.";
    PAYLOAD_TOO_LARGE = PAYLOAD_TOO_LARGE, "payload_too_large", "The body is too large",
        "A body may have 64 KiB.";
    UNSUPPORTED_MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The body is not declared as JSON",
        "Send `Content-Type: application/json`.";
    VALIDATION_FAILED = UNPROCESSABLE_ENTITY, "validation_failed", "The request is not valid",
        "A member of the body is missing or wrong, or something in the path or the query is. `errors` names each with its reason.";
    RATE_LIMITED = TOO_MANY_REQUESTS, "rate_limited", "Too many requests",
        "There were too many attempts. Nothing was looked at, not even a password. Try again after `Retry-After` seconds.";
    INTERNAL_ERROR = INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong here",
        "A defect of the server. The log has it under the `request_id`.";
    UNAVAILABLE = SERVICE_UNAVAILABLE, "unavailable", "Not available right now",
        "Something the server needs does not answer, or it is too busy. Nothing is known to have changed. Try again after `Retry-After` seconds.";
}

/// A refusal, on its way to the client.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    kind: &'static Kind,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    /// The limit that was reached.
    limit: Option<Box<TooManyAttempts>>,
    /// What `WWW-Authenticate` says.
    challenge: Option<&'static str>,
    /// For the log only.
    cause: Option<Arc<Unavailable>>,
}

/// Problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDetails {
    /// A stable URI of the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:fastauth:problem:validation_failed")]
    kind: String,
    /// What it means, in a few words.
    #[schema(example = "The request is not valid")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What happened, as a sentence.
    #[schema(example = "password must have at least 8 characters")]
    detail: String,
    /// A stable name of the kind of problem.
    #[schema(example = "validation_failed")]
    code: &'static str,
    /// Under which the log has the request; the same as `X-Request-Id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// What is wrong with each member; with 422 only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl Problem {
    /// A problem with a sentence about what happened.
    pub(crate) fn new(kind: &'static Kind, detail: impl Display) -> Self {
        let (detail, challenge) = (detail.to_string(), challenge(kind));
        Self {
            kind,
            detail,
            errors: Vec::new(),
            retry_after: None,
            limit: None,
            challenge,
            cause: None,
        }
    }

    /// The same, because of a limit.
    pub(crate) fn limited(self, limit: TooManyAttempts) -> Self {
        Self { retry_after: Some(limit.wait), limit: Some(Box::new(limit)), ..self }
    }

    /// The same, with another challenge than its kind has.
    pub(crate) fn challenging(self, challenge: &'static str) -> Self {
        Self { challenge: Some(challenge), ..self }
    }

    /// Members that are missing or wrong.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let sentences: Vec<_> =
            errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect();
        Self { errors, ..Self::new(&VALIDATION_FAILED, sentences.join("; ")) }
    }

    /// What went wrong behind the scenes, for the log.
    pub(crate) fn cause(&self) -> Option<&Unavailable> {
        self.cause.as_deref()
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.kind.status
    }

    /// The answer to the request of this id.
    pub(crate) fn answer(&self, request_id: Option<String>) -> Response {
        let body = ProblemDetails {
            kind: format!("urn:fastauth:problem:{}", self.kind.code),
            title: self.kind.title,
            status: self.kind.status.as_u16(),
            detail: self.detail.clone(),
            code: self.kind.code,
            request_id,
            errors: self.errors.clone(),
        };
        let mut answer = (self.kind.status, axum::Json(body)).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(challenge) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(retry_after) = self.retry_after {
            headers.insert(header::RETRY_AFTER, whole_seconds(retry_after).into());
        }
        if let Some(limit) = &self.limit {
            limit::describe(limit, headers);
        }
        answer
    }
}

/// So many seconds, and not a moment less; one at least.
pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    let seconds = duration.as_secs();
    seconds.saturating_add(u64::from(duration.subsec_nanos() > 0)).max(1)
}

/// The challenge that a 401 carries, and a 403 where somebody else's access token would do (RFC 6750
/// section 3). It names an error only if an access token was shown.
fn challenge(kind: &Kind) -> Option<&'static str> {
    match *kind {
        INVALID_TOKEN => Some(r#"Bearer error="invalid_token""#),
        PERMISSION_DENIED => Some(r#"Bearer error="insufficient_scope""#),
        Kind { status: StatusCode::UNAUTHORIZED, .. } => Some("Bearer"),
        _ => None,
    }
}

impl IntoResponse for Problem {
    /// The answer, with the problem beside it for the middleware that logs it and names the request.
    fn into_response(self) -> Response {
        let mut answer = self.answer(None);
        answer.extensions_mut().insert(self);
        answer
    }
}

impl From<Unavailable> for Problem {
    fn from(unavailable: Unavailable) -> Self {
        let retry_after = Some(unavailable.retry_in());
        let problem = Self::new(&UNAVAILABLE, "the server cannot do this right now; try again");
        Self { retry_after, cause: Some(Arc::new(unavailable)), ..problem }
    }
}

/// The reference page of all problems, as Markdown.
pub fn reference() -> String {
    let rows: Vec<_> = ALL
        .iter()
        .map(|Kind { status, code, title, advice }| {
            format!("| `{code}` | {} | {title} | {advice} |\n", status.as_u16())
        })
        .collect();
    format!(
        "# Problems\n\n\
         Every error is answered as `application/problem+json` (RFC 9457). `code` is stable, and \
         `type` is `urn:fastauth:problem:` followed by it.\n\n\
         | code | status | title | what to make of it |\n|---|--:|---|---|\n{}{}",
        rows.concat(),
        field_error::reference(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_used_once_and_explained() {
        let codes: HashSet<_> = ALL.iter().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), ALL.len());
        for kind in ALL {
            assert!(!kind.title.is_empty() && kind.advice.ends_with('.'), "{}", kind.code);
            assert!(reference().contains(&format!("`{}`", kind.code)));
        }
    }

    #[test]
    fn a_cause_stays_behind_the_scenes() {
        let problem = Problem::from(Unavailable::new("password of the database: secret"));
        assert!(!problem.detail.contains("secret"));
        let answer = problem.into_response();
        assert_eq!(answer.headers()[header::RETRY_AFTER], "1");
    }
}
