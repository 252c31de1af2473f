//! HTTP Strict Transport Security (RFC 6797): a browser that has come by TLS once comes by nothing else.

use axum::{
    Router,
    http::{HeaderValue, header},
    middleware,
    response::Response,
};

/// For a year, as is usual. Subdomains are left alone: they may be somebody else's.
const POLICY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Says with every answer of a router that the host is to be reached by TLS and in no other way. For one
/// that is reached so: browsers refuse the host otherwise, for a year.
pub fn insist_on_tls(router: Router) -> Router {
    router.layer(middleware::map_response(with_policy))
}

async fn with_policy(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, POLICY);
    answer
}
