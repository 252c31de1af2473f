//! The page on which somebody chooses a new password.
//!
//! It says whose password that is, so that a password manager knows, and what a password must be like.
//! While somebody types, a script of its own says what is still lacking, and sends nothing anywhere.
//! Without the script, the server says the same once the form is sent.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form, Router,
    extract::{
        Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use fastauth_application::password_reset::{PasswordResetError, PasswordResets};
use fastauth_domain::{
    password::{PasswordPolicy, UnacceptablePassword},
    token::Token,
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{Link, incomplete_link, notice, page_with_script, spent_link, unavailable};
use crate::visitor::Caller;

pub(super) fn router(resets: &Arc<PasswordResets>) -> Router {
    Router::new()
        .route("/reset-password", get(show).post(reset))
        .route("/auth/new-password.js", get(script))
        .with_state(Arc::clone(resets))
}

#[derive(Template)]
#[template(path = "reset_password.html")]
struct ResetPassword {
    token: String,
    /// Whose password is replaced.
    owner: String,
    policy: PasswordPolicy,
    /// What the product is called, or nothing.
    product: String,
    refused: Option<UnacceptablePassword>,
}

/// A new password, typed into the page.
#[derive(Deserialize)]
struct NewPassword {
    token: String,
    new_password: SecretString,
}

async fn show(
    State(resets): State<Arc<PasswordResets>>,
    link: Result<Query<Link>, QueryRejection>,
) -> Response {
    match link {
        Ok(Query(Link { token })) => form(&resets, token, None).await,
        Err(_) => incomplete_link(),
    }
}

async fn reset(
    State(resets): State<Arc<PasswordResets>>,
    Caller(visitor): Caller,
    form_sent: Result<Form<NewPassword>, FormRejection>,
) -> Response {
    let Ok(Form(NewPassword { token, new_password })) = form_sent else { return incomplete_link() };
    match resets.confirm(&Token::presented(token.as_str()), &new_password, &visitor).await {
        Ok(()) => notice(
            StatusCode::OK,
            "Your password is changed",
            "Every device has been signed out. You can close this page and sign in with the new \
             password.",
        ),
        Err(PasswordResetError::UnacceptablePassword(why)) => form(&resets, token, Some(why)).await,
        Err(PasswordResetError::TokenInvalid(_) | PasswordResetError::TokenExpired(_)) => spent(),
        Err(PasswordResetError::Unavailable(why)) => unavailable(why),
    }
}

/// The form, if the link works: nobody is to think of a password in vain.
async fn form(
    resets: &PasswordResets,
    token: String,
    refused: Option<UnacceptablePassword>,
) -> Response {
    let owner = match resets.owner(&Token::presented(token.as_str())).await {
        Ok(Ok(owner)) => owner.to_string(),
        Ok(Err(_)) => return spent(),
        Err(why) => return unavailable(why),
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let policy = resets.password_policy.clone();
    let product = policy.product.as_ref().map_or_else(String::new, |name| name.as_str().to_owned());
    page_with_script(status, &ResetPassword { token, owner, policy, product, refused })
}

fn spent() -> Response {
    spent_link("Ask for another mail to reset your password.")
}

async fn script() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, include_str!("../../templates/new_password.js"))
}
