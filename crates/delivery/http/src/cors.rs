//! Cross-origin requests: which pages of other web sites may use the API from a browser.

use std::{str::FromStr, time::Duration};

use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method, Uri, header},
};
use tower_http::cors::CorsLayer;

/// How long a browser remembers what it was allowed. Chromium takes no more than two hours.
const MAX_AGE: Duration = Duration::from_mins(10);
const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// A web origin (RFC 6454): the scheme, host and port that a page was loaded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebOrigin(HeaderValue);

/// The text is no web origin as browsers write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a web origin is a scheme, a host and at most a port, as in https://app.example.com")]
pub struct InvalidWebOrigin;

impl FromStr for WebOrigin {
    type Err = InvalidWebOrigin;

    /// Reads an origin, in the very form in which browsers send it: it is compared as it is.
    fn from_str(text: &str) -> Result<Self, InvalidWebOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidWebOrigin)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(InvalidWebOrigin);
        };
        let default_port = if scheme == "https" { 443 } else { 80 };
        let is_right = ["http", "https"].contains(&scheme)
            && text == format!("{scheme}://{authority}")
            && !authority.as_str().contains(['@', '*'])
            && !authority.as_str().contains(|letter: char| letter.is_ascii_uppercase())
            && !authority.host().is_empty()
            && authority.port_u16() != Some(default_port)
            && !authority.as_str().ends_with(':');
        if !is_right {
            return Err(InvalidWebOrigin);
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| InvalidWebOrigin)
    }
}

/// Lets pages of these origins use a router, and none of another. They bring their tokens themselves:
/// nothing that a browser would add of its own accord is asked for.
pub fn allow_origins(router: Router, origins: &[WebOrigin]) -> Router {
    if origins.is_empty() {
        return router;
    }
    let told = [header::RETRY_AFTER, header::WWW_AUTHENTICATE, header::CONTENT_LANGUAGE]
        .into_iter()
        .chain(["x-request-id", "ratelimit", "ratelimit-policy"].map(HeaderName::from_static));
    let layer = CorsLayer::new()
        .allow_origin(origins.iter().map(|origin| origin.0.clone()).collect::<Vec<_>>())
        .allow_methods(METHODS)
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT_LANGUAGE])
        .expose_headers(told.collect::<Vec<_>>())
        .max_age(MAX_AGE);
    router.layer(layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_read_as_browsers_write_it_and_in_no_other_form() {
        for text in ["https://app.example.com", "http://localhost:3000", "https://[::1]:8443"] {
            assert!(text.parse::<WebOrigin>().is_ok(), "{text}");
        }
        for text in [
            "",
            "*",
            "null",
            "app.example.com",
            "https://",
            "https://*.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com?query",
            "https://user@app.example.com",
            "https://App.example.com",
            "https://app.example.com:443",
            "http://app.example.com:80",
            "https://app.example.com:",
            "ftp://app.example.com",
        ] {
            assert_eq!(text.parse::<WebOrigin>(), Err(InvalidWebOrigin), "{text}");
        }
    }
}
