//! Telling a client to wait: 429 with `Retry-After` (RFC 6585 section 4), and by which limit
//! (draft-ietf-httpapi-ratelimit-headers-10).

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use fastauth_application::limit::LimitError;
use fastauth_domain::limit::TooManyAttempts;

use crate::problem::{Problem, RATE_LIMITED, whole_seconds};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Says which limit was reached, and when there is room again.
pub(crate) fn describe(limit: &TooManyAttempts, headers: &mut HeaderMap) {
    let TooManyAttempts { rate, wait } = *limit;
    let policy = format!("\"default\";q={};w={}", rate.count(), whole_seconds(rate.per()));
    let left = format!("\"default\";r=0;t={}", whole_seconds(wait));
    for (name, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
        if let Ok(text) = HeaderValue::try_from(text) {
            headers.insert(name, text);
        }
    }
}

impl From<TooManyAttempts> for Problem {
    fn from(limit: TooManyAttempts) -> Self {
        Self::new(&RATE_LIMITED, "Too many requests. Try again later.").limited(limit)
    }
}

impl From<LimitError> for Problem {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::TooManyAttempts(why) => why.into(),
            LimitError::Unavailable(why) => why.into(),
        }
    }
}
