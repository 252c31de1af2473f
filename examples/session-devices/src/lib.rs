//! A page on which people see where they are signed in, beside FastAuth's own routes, which it uses.

use axum::{Router, http::header, response::IntoResponse, routing::get};
use fastauth::FastAuth;

/// Nothing but what is served here, and nothing that is written into the page: text of others that
/// became markup would not be run either.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page, with FastAuth's own routes beside it.
pub fn program(auth: &FastAuth) -> Router {
    Router::new()
        .route("/", get(async || page("text/html", include_str!("../page/index.html"))))
        .route("/page.js", get(async || page("text/javascript", include_str!("../page/page.js"))))
        .route("/page.css", get(async || page("text/css", include_str!("../page/page.css"))))
        .merge(auth.router())
}

fn page(kind: &str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY.to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    (headers, text)
}
