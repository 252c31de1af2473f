//! `/docs`: the API in a browser, where it can be tried. All of it comes from the program itself.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware::map_response,
    response::Response,
};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Swagger UI writes inline styles, and has its icons in them.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
                                       style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                                       connect-src 'self'; form-action 'none'; \
                                       frame-ancestors 'none'; base-uri 'none'";

pub(crate) fn router() -> Router {
    // Swagger UI would send the description's address to a validator of its makers.
    let config = Config::from("/openapi.json").validator_url("none");
    Router::from(SwaggerUi::new("/docs").config(config)).layer(map_response(confine))
}

/// Keeps the page from anything that is not ours: access tokens are typed into it.
async fn confine(mut answer: Response) -> Response {
    const HEADERS: [(HeaderName, &str); 3] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}
