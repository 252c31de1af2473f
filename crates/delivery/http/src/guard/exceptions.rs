//! What a guard leaves to everybody, by the templates of routes.

use axum::{
    Extension, Router,
    body::Body,
    extract::{MatchedPath, NestedPath, Request},
    http::{Method, Uri},
    middleware::{self, Next},
    response::Response,
};
use futures_util::FutureExt;
use tower::ServiceExt;

/// A guard was to leave a route to everybody that its router does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{route} is to be public, but the router has no such route")]
pub struct UnknownRoute {
    /// The template of the route as it was given.
    pub route: String,
}

/// The routes that everybody may use.
#[derive(Clone)]
pub(super) struct Exceptions(Vec<Exception>);

#[derive(Clone)]
struct Exception {
    /// `None` for every method.
    method: Option<Method>,
    route: String,
}

impl Exceptions {
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn add(&mut self, method: Option<Method>, route: String) {
        self.0.push(Exception { method, route });
    }

    /// Whether everybody may send this request.
    pub(super) fn cover(&self, request: &Request) -> bool {
        let Some(route) = route(request) else { return false };
        self.0.iter().any(|it| it.route == route && it.allows(request.method()))
    }

    /// Finds a route among them that the router does not have.
    pub(super) fn check(&self, router: &Router) -> Result<(), UnknownRoute> {
        let unknown = self.0.iter().find(|it| !has_route(router, &it.route));
        unknown.map_or(Ok(()), |it| Err(UnknownRoute { route: it.route.clone() }))
    }
}

impl Exception {
    /// axum answers `HEAD` where it answers `GET`.
    fn allows(&self, method: &Method) -> bool {
        let is_head_of_get = method == Method::HEAD && self.method == Some(Method::GET);
        is_head_of_get || self.method.as_ref().is_none_or(|allowed| allowed == method)
    }
}

/// The template of the route that the guarded router has found, without what it is nested under
/// itself; `None` at its fallback.
fn route(request: &Request) -> Option<&str> {
    let extensions = request.extensions();
    let matched = extensions.get::<MatchedPath>()?.as_str();
    let nested = extensions.get::<NestedPath>().map_or("", NestedPath::as_str);
    let route = matched.strip_prefix(nested.trim_end_matches('/'))?;
    Some(if route.is_empty() { "/" } else { route })
}

/// Where a router would have led a request.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Route(String),
    Fallback,
}

/// A router cannot be asked for its routes, but it can be asked to find one: a template, taken for a
/// path, is matched by itself.
fn has_route(router: &Router, template: &str) -> bool {
    place(told(router), template) == Some(Place::Route(template.to_owned()))
}

/// Whether a router has a fallback of its own, which it keeps when it is nested, as axum's is not.
pub(super) fn has_fallback(router: &Router) -> bool {
    // Only a route that catches everything has this. It leaves the fallback next to nothing.
    let nowhere = "/probe/".repeat(16);
    let outer = Router::new().without_v07_checks().nest("/nested", told(router));
    place(outer, &format!("/nested{nowhere}")).is_some()
}

/// The router, telling where it would lead instead of going there.
fn told(router: &Router) -> Router {
    router.clone().layer(middleware::from_fn(tell))
}

async fn tell(request: Request, _: Next) -> Extension<Place> {
    let route = route(&request).map(ToOwned::to_owned);
    Extension(route.map_or(Place::Fallback, Place::Route))
}

/// What it tells, which it does without waiting for anything.
fn place(told: Router, path: &str) -> Option<Place> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = path.parse::<Uri>().ok()?;
    let answer: Response = told.oneshot(request).now_or_never()?.ok()?;
    answer.extensions().get().cloned()
}
