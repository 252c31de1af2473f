//! Protecting a router as a whole: what is not named public is for people who are signed in.

mod exceptions;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use fastauth_application::account::Accounts;

pub use self::exceptions::UnknownRoute;
use self::exceptions::{Exceptions, has_fallback};
use crate::{
    claims::Bearers,
    edge,
    principal::{self, NotIdentified},
};

/// Protects a router: every route that is not named public, and every path that leads nowhere, answers
/// 401 to whoever is not signed in. What is forgotten is protected.
///
/// ```
/// # use std::sync::Arc;
/// # use axum::{Router, routing::get};
/// # use fastauth_application::account::Accounts;
/// # use fastauth_http::{CurrentUser, Guard, UnknownRoute};
/// # async fn home() {}
/// # async fn post() {}
/// # async fn notes(_: CurrentUser) {}
/// # fn program(accounts: Arc<Accounts>) -> Result<Router, UnknownRoute> {
/// let router = Router::new()
///     .route("/", get(home))
///     .route("/posts/{id}", get(post))
///     .route("/notes", get(notes))
///     .with_state(Arc::clone(&accounts));
/// Guard::checked(accounts).public("/").public("/posts/{id}").protect(router)
/// # }
/// ```
///
/// It goes by the route that the router has found, not by what the path looks like, so that no
/// spelling of a path leads around it.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "use cases have nothing to print")]
pub struct Guard {
    check: Check,
    exceptions: Exceptions,
}

/// How much a token is asked.
#[derive(Clone)]
enum Check {
    /// Whether its session is alive and its account active.
    Session(Arc<Accounts>),
    /// Whether it was signed, for this and not too long ago.
    Signature(Bearers),
}

impl Guard {
    /// Lets in whoever is a [`CurrentUser`](crate::CurrentUser): session and account are looked up, so
    /// that a logout counts at once.
    pub const fn checked(accounts: Arc<Accounts>) -> Self {
        Self::new(Check::Session(accounts))
    }

    /// Lets in whoever has [`Claims`](crate::Claims): nothing is looked up, so that a logout counts when
    /// the access token expires.
    pub const fn stateless(bearers: Bearers) -> Self {
        Self::new(Check::Signature(bearers))
    }

    const fn new(check: Check) -> Self {
        Self { check, exceptions: Exceptions::none() }
    }

    /// Leaves a route to everybody, whatever the method: a template as it was given to
    /// [`Router::route`], after those of [`Router::nest`] if it is nested.
    #[must_use]
    pub fn public(mut self, route: impl Into<String>) -> Self {
        self.exceptions.add(None, route.into());
        self
    }

    /// Leaves one method of a route to everybody. With `GET` goes `HEAD`.
    #[must_use]
    pub fn public_for(mut self, method: Method, route: impl Into<String>) -> Self {
        self.exceptions.add(Some(method), route.into());
        self
    }

    /// Protects everything that the router has by now, its fallback included. What is merged, nested
    /// or layered around it afterwards is not its business: a layer for CORS belongs there, because a
    /// preflight carries no token.
    ///
    /// A router without a fallback of its own is given one, so that paths which lead nowhere stay
    /// protected when it is merged or nested. axum panics where several merged routers have one, and
    /// where one is nested under a parameter at the root (`/{tenant}`): protect the outer router then.
    ///
    /// A public route that the router does not have is most likely a slip, and an error. So is one of a
    /// [`Router::nest_service`], whose routes cannot be known.
    pub fn protect(self, router: Router) -> Result<Router, UnknownRoute> {
        self.exceptions.check(&router)?;
        let router = if has_fallback(&router) { router } else { router.fallback(edge::not_found) };
        Ok(router.layer(middleware::from_fn_with_state(Arc::new(self), admit)))
    }

    /// Whether somebody shows what is asked for. Whoever asks again in the same request is told the
    /// same.
    async fn ask(&self, parts: &mut Parts) -> Result<(), NotIdentified> {
        let is_somebody = match &self.check {
            Check::Session(accounts) => principal::identify(parts, accounts).await?.is_some(),
            Check::Signature(bearers) => bearers.of_request(parts)?.is_some(),
        };
        if is_somebody { Ok(()) } else { Err(NotIdentified::not_authenticated()) }
    }
}

async fn admit(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    if guard.exceptions.cover(&request) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match guard.ask(&mut parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(refused) => refused.into_response(),
    }
}
