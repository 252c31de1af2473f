//! The pages that the links in mails lead to: one form each, without foreign content, and without
//! script but for the one that helps to choose a password.
//!
//! Opening a page changes nothing, because mail scanners follow links. The form is what spends the
//! token. A forged form would need the token, so that there is nothing for another site to forge.

mod reset_password;

use std::sync::Arc;

use askama::Template;
use axum::{
    Form, Router,
    extract::{Query, State, rejection::FormRejection, rejection::QueryRejection},
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use fastauth_application::{
    email_change::{EmailChangeLinkError, EmailChanges},
    email_verification::{EmailVerificationError, EmailVerifications},
};
use fastauth_domain::token::Token;
use fastauth_ports::unavailable::Unavailable;
use serde::Deserialize;

use crate::{
    UseCases,
    problem::{Problem, whole_seconds},
    visitor::Caller,
};

/// Nothing is loaded from elsewhere, nothing runs, nothing frames the page, and forms go home.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
                                       frame-ancestors 'none'; base-uri 'none'";

/// The same, but that scripts run which are files of this server. They may ask nobody for anything.
const WITH_SCRIPT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                           form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub(crate) fn router(use_cases: &UseCases) -> Router {
    Router::new()
        .route("/verify-email", get(show_verification).post(verify))
        .with_state(Arc::clone(&use_cases.email_verifications))
        .merge(reset_password::router(&use_cases.password_resets))
        .merge(
            Router::new()
                .route("/change-email", get(show_change).post(change))
                .route("/keep-email", get(show_way_back).post(go_back))
                .with_state(Arc::clone(&use_cases.email_changes)),
        )
        .route("/auth/pages.css", get(style))
}

/// What a link in a mail carries.
#[derive(Deserialize)]
struct Link {
    token: String,
}

#[derive(Template)]
#[template(path = "verify_email.html")]
struct VerifyEmail {
    token: String,
}

async fn show_verification(link: Result<Query<Link>, QueryRejection>) -> Response {
    match link {
        Ok(Query(Link { token })) => page(StatusCode::OK, &VerifyEmail { token }),
        Err(_) => incomplete_link(),
    }
}

async fn verify(
    State(verifications): State<Arc<EmailVerifications>>,
    Caller(visitor): Caller,
    form: Result<Form<Link>, FormRejection>,
) -> Response {
    let Ok(Form(Link { token })) = form else { return incomplete_link() };
    match verifications.confirm(&Token::presented(token), &visitor).await {
        Ok(()) => notice(
            StatusCode::OK,
            "Your address is verified",
            "Thank you. You can close this page and sign in.",
        ),
        Err(EmailVerificationError::TokenInvalid(_) | EmailVerificationError::TokenExpired(_)) => {
            spent_link("Ask for another verification mail.")
        }
        Err(EmailVerificationError::Unavailable(why)) => unavailable(why),
    }
}

#[derive(Template)]
#[template(path = "change_email.html")]
struct ChangeEmail {
    token: String,
}

async fn show_change(link: Result<Query<Link>, QueryRejection>) -> Response {
    match link {
        Ok(Query(Link { token })) => page(StatusCode::OK, &ChangeEmail { token }),
        Err(_) => incomplete_link(),
    }
}

async fn change(
    State(changes): State<Arc<EmailChanges>>,
    Caller(visitor): Caller,
    form: Result<Form<Link>, FormRejection>,
) -> Response {
    let Ok(Form(Link { token })) = form else { return incomplete_link() };
    match changes.confirm(&Token::presented(token), &visitor).await {
        Ok(()) => notice(
            StatusCode::OK,
            "Your address is changed",
            "Sign in with the new one from now on. You can close this page.",
        ),
        Err(error) => unchanged(error, "Ask for the change again."),
    }
}

#[derive(Template)]
#[template(path = "keep_email.html")]
struct KeepEmail {
    token: String,
}

async fn show_way_back(link: Result<Query<Link>, QueryRejection>) -> Response {
    match link {
        Ok(Query(Link { token })) => page(StatusCode::OK, &KeepEmail { token }),
        Err(_) => incomplete_link(),
    }
}

async fn go_back(
    State(changes): State<Arc<EmailChanges>>,
    Caller(visitor): Caller,
    form: Result<Form<Link>, FormRejection>,
) -> Response {
    let Ok(Form(Link { token })) = form else { return incomplete_link() };
    match changes.revert(&Token::presented(token), &visitor).await {
        Ok(()) => notice(
            StatusCode::OK,
            "Your account has its old address",
            "Every device has been signed out. We have mailed you a link to choose a new password.",
        ),
        Err(error) => unchanged(error, "Reset your password, and look at your account."),
    }
}

fn unchanged(error: EmailChangeLinkError, advice: &str) -> Response {
    match error {
        EmailChangeLinkError::Token(_) => spent_link(advice),
        EmailChangeLinkError::EmailTaken(_) => notice(
            StatusCode::CONFLICT,
            "The address is taken",
            "Another account has this address by now. Nothing has changed.",
        ),
        EmailChangeLinkError::Unavailable(why) => unavailable(why),
    }
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'a> {
    title: &'a str,
    text: &'a str,
}

fn notice(status: StatusCode, title: &str, text: &str) -> Response {
    page(status, &Notice { title, text })
}

fn spent_link(advice: &str) -> Response {
    let text = format!("It was used before, or is too old, or a newer one was sent. {advice}");
    notice(StatusCode::BAD_REQUEST, "This link does not work any more", &text)
}

fn incomplete_link() -> Response {
    let text = "Copy the whole link from the mail into the address bar.";
    notice(StatusCode::BAD_REQUEST, "This link is incomplete", text)
}

/// The page that says so, with the cause beside it for the middleware that logs it.
fn unavailable(why: Unavailable) -> Response {
    let text = "Nothing has changed. Wait a moment, and try again.";
    let mut answer = notice(StatusCode::SERVICE_UNAVAILABLE, "We cannot do this right now", text);
    answer.headers_mut().insert(header::RETRY_AFTER, whole_seconds(why.retry_in()).into());
    answer.extensions_mut().insert(Arc::new(why));
    answer
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    render(status, template, CONTENT_SECURITY_POLICY)
}

fn page_with_script(status: StatusCode, template: &impl Template) -> Response {
    render(status, template, WITH_SCRIPT)
}

fn render(status: StatusCode, template: &impl Template, policy: &'static str) -> Response {
    let Ok(html) = template.render() else {
        return Problem::new(&crate::problem::INTERNAL_ERROR, "the page cannot be written")
            .into_response();
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    (status, headers, Html(html)).into_response()
}

async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, include_str!("../templates/pages.css"))
}
