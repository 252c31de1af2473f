//! FastAuth over HTTP: axum routers, problem details, pages, OpenAPI.
//!
//! Each slice is a router over its own use case. There is no shared state to thread through.

mod account;
mod audit;
mod authorization;
mod bearer;
#[cfg(feature = "docs-ui")]
mod browser;
mod claims;
mod client_address;
mod cors;
mod deletion;
mod device;
mod edge;
mod email_change;
mod email_verification;
mod export;
mod few_lines;
mod field_error;
mod fields;
mod guard;
mod health;
mod json;
mod keys;
mod limit;
mod login;
mod message;
mod metrics;
mod notices;
mod openapi;
mod pages;
mod parameters;
mod password_change;
mod password_reset;
mod principal;
pub mod problem;
mod profile;
mod protected;
mod register;
mod revocation;
mod roles;
mod session;
mod tokens;
mod transport_security;
mod visitor;

use std::sync::Arc;

use axum::{Extension, Router};
use fastauth_application::{
    account::Accounts, audit::AuditTrail, deletion::Deletions, deliveries::Deliveries,
    email_change::EmailChanges, email_verification::EmailVerifications, export::Exports,
    login::Logins, password_change::PasswordChanges, password_reset::PasswordResets,
    profile::Profiles, register::Registrations, revocation::Revocations, roles::Roles,
    session::Sessions,
};
use fastauth_domain::language::Languages;
use fastauth_ports::health::CheckHealth;
use utoipa::OpenApi;

pub use crate::{
    authorization::{
        Authorization, NotPermitted, RequirePermission, RequireRole, RequiredPermission,
        RequiredRole,
    },
    claims::{Bearers, Claims},
    client_address::{InvalidNetwork, TrustedProxies},
    cors::{InvalidWebOrigin, WebOrigin, allow_origins},
    guard::{Guard, UnknownRoute},
    health::health_router,
    metrics::{CollectedElsewhere, Metrics, metrics_router},
    notices::NoticeRoute,
    openapi::docs_router,
    principal::{CurrentUser, NotIdentified, VerifiedUser},
    transport_security::insist_on_tls,
};
use crate::{protected::Protected, visitor::Offered};

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
    /// Changing what people are shown as.
    pub profiles: Arc<Profiles>,
    /// Replacing passwords that are known.
    pub password_changes: Arc<PasswordChanges>,
    /// Changing addresses.
    pub email_changes: Arc<EmailChanges>,
    /// Deleting accounts.
    pub deletions: Arc<Deletions>,
    /// Copying what is stored about people.
    pub exports: Arc<Exports>,
    /// Showing and ending sessions.
    pub revocations: Arc<Revocations>,
    /// Showing what has happened.
    pub audit: Arc<AuditTrail>,
    /// Saying who may do what.
    pub roles: Arc<Roles>,
    /// What mail is written in.
    pub languages: Arc<Languages>,
    /// Following mail.
    pub deliveries: Arc<Deliveries>,
    /// Where providers tell what became of it.
    pub notices: Vec<NoticeRoute>,
    /// Whose word is taken for where requests come from.
    pub trusted_proxies: TrustedProxies,
}

impl UseCases {
    /// Recognises callers and what they may do.
    pub fn authorization(&self) -> Authorization {
        let (accounts, roles) = (Arc::clone(&self.accounts), Arc::clone(&self.roles));
        Authorization { accounts, roles }
    }
}

/// `/auth/*`, `/account/*`, `/sessions/*`, `/roles/*`, the public keys and the pages that mails link to:
/// what a program of your own mounts, with `merge`.
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
    let slices: [fn() -> utoipa::openapi::OpenApi; 16] = [
        || register::routes().into_openapi(),
        || login::routes().into_openapi(),
        || session::routes().into_openapi(),
        || password_reset::routes().into_openapi(),
        || email_verification::routes().into_openapi(),
        || account::routes().into_openapi(),
        || profile::routes().into_openapi(),
        || password_change::routes().into_openapi(),
        || email_change::routes().into_openapi(),
        || deletion::routes().into_openapi(),
        || export::routes().into_openapi(),
        || audit::routes().into_openapi(),
        || revocation::routes().into_openapi(),
        || keys::routes().into_openapi(),
        || roles::routes().into_openapi(),
        || health::routes().into_openapi(),
    ];
    for slice in slices {
        description.merge(slice());
    }
    description
}

fn auth_routes(use_cases: &UseCases) -> Router {
    let accounts = &use_cases.accounts;
    let slices: [Router; 15] = [
        register::routes().with_state(Arc::clone(&use_cases.registrations)).into(),
        login::routes().with_state(Arc::clone(&use_cases.logins)).into(),
        session::routes().with_state(Arc::clone(&use_cases.sessions)).into(),
        password_reset::routes().with_state(Arc::clone(&use_cases.password_resets)).into(),
        email_verification::routes().with_state(Arc::clone(&use_cases.email_verifications)).into(),
        account::routes().with_state(Arc::clone(accounts)).into(),
        profile::routes().with_state(Protected::new(accounts, &use_cases.profiles)).into(),
        password_change::routes()
            .with_state(Protected::new(accounts, &use_cases.password_changes))
            .into(),
        email_change::routes()
            .with_state(Protected::new(accounts, &use_cases.email_changes))
            .into(),
        deletion::routes().with_state(Protected::new(accounts, &use_cases.deletions)).into(),
        export::routes().with_state(Protected::new(accounts, &use_cases.exports)).into(),
        audit::routes().with_state(Protected::new(accounts, &use_cases.audit)).into(),
        revocation::routes().with_state(Protected::new(accounts, &use_cases.revocations)).into(),
        keys::routes().with_state(Arc::clone(accounts)).into(),
        roles::routes().with_state(use_cases.authorization()).into(),
    ];
    let offered = Offered(Arc::clone(&use_cases.languages));
    let notices = use_cases.notices.iter().map(|it| it.router(&use_cases.deliveries));
    let pages = pages::router(use_cases);
    let proxies = use_cases.trusted_proxies.clone();
    let routes = slices.into_iter().chain(notices).fold(pages, Router::merge);
    routes.layer((Extension(offered), Extension(proxies)))
}
