//! FastAuth over HTTP: axum routers, problem details, pages, OpenAPI.
//!
//! Each slice is a router over its own use case. There is no shared state to thread through.

mod account;
mod authorization;
#[cfg(feature = "docs-ui")]
mod browser;
mod edge;
mod email_verification;
mod fields;
mod health;
mod json;
mod login;
mod message;
mod notices;
mod openapi;
mod pages;
mod password_reset;
mod principal;
pub mod problem;
mod register;
mod roles;
mod session;
mod tokens;
mod visitor;

use std::sync::Arc;

use axum::{Extension, Router};
use fastauth_application::{
    account::Accounts, deliveries::Deliveries, email_verification::EmailVerifications,
    login::Logins, password_reset::PasswordResets, register::Registrations, roles::Roles,
    session::Sessions,
};
use fastauth_domain::language::Languages;
use fastauth_ports::health::CheckHealth;
use utoipa::OpenApi;

use crate::visitor::Offered;
pub use crate::{
    authorization::{
        Authorization, NotPermitted, RequirePermission, RequireRole, RequiredPermission,
        RequiredRole,
    },
    health::health_router,
    notices::NoticeRoute,
    openapi::docs_router,
    principal::{CurrentUser, NotIdentified},
};

/// The use cases to mount.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "use cases have nothing to print")]
pub struct UseCases {
    /// Registering.
    pub registrations: Arc<Registrations>,
    /// Signing in.
    pub logins: Arc<Logins>,
    /// Refreshing and signing out.
    pub sessions: Arc<Sessions>,
    /// Recognising callers.
    pub accounts: Arc<Accounts>,
    /// Replacing forgotten passwords.
    pub password_resets: Arc<PasswordResets>,
    /// Proving addresses.
    pub email_verifications: Arc<EmailVerifications>,
    /// Saying who may do what.
    pub roles: Arc<Roles>,
    /// What mail is written in.
    pub languages: Arc<Languages>,
    /// Following mail.
    pub deliveries: Arc<Deliveries>,
    /// Where providers tell what became of it.
    pub notices: Vec<NoticeRoute>,
}

impl UseCases {
    /// Recognises callers and what they may do.
    pub fn authorization(&self) -> Authorization {
        let (accounts, roles) = (Arc::clone(&self.accounts), Arc::clone(&self.roles));
        Authorization { accounts, roles }
    }
}

/// `/auth/*`, `/roles/*` and the pages that mails link to: what a program of your own mounts, with `merge`.
pub fn auth_router(use_cases: &UseCases) -> Router {
    edge::guard(auth_routes(use_cases))
}

/// Everything the server serves: the above, health, the API's description and its browser.
pub fn server_router(use_cases: &UseCases, checks: Vec<Arc<dyn CheckHealth>>) -> Router {
    let router = auth_routes(use_cases)
        .merge(health_router(checks, Some(Arc::clone(&use_cases.deliveries))))
        .merge(docs_router())
        .fallback(edge::not_found);
    edge::guard(router)
}

/// The description of the API (OpenAPI 3.1).
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut description = openapi::Api::openapi();
    for slice in [
        register::routes().into_openapi(),
        login::routes().into_openapi(),
        session::routes().into_openapi(),
        password_reset::routes().into_openapi(),
        email_verification::routes().into_openapi(),
        account::routes().into_openapi(),
        roles::routes().into_openapi(),
        health::routes().into_openapi(),
    ] {
        description.merge(slice);
    }
    description
}

fn auth_routes(use_cases: &UseCases) -> Router {
    let slices: [Router; 7] = [
        register::routes().with_state(Arc::clone(&use_cases.registrations)).into(),
        login::routes().with_state(Arc::clone(&use_cases.logins)).into(),
        session::routes().with_state(Arc::clone(&use_cases.sessions)).into(),
        password_reset::routes().with_state(Arc::clone(&use_cases.password_resets)).into(),
        email_verification::routes().with_state(Arc::clone(&use_cases.email_verifications)).into(),
        account::routes().with_state(Arc::clone(&use_cases.accounts)).into(),
        roles::routes().with_state(use_cases.authorization()).into(),
    ];
    let offered = Offered(Arc::clone(&use_cases.languages));
    let notices = use_cases.notices.iter().map(|it| it.router(&use_cases.deliveries));
    let pages = pages::router(use_cases);
    slices.into_iter().chain(notices).fold(pages, Router::merge).layer(Extension(offered))
}
