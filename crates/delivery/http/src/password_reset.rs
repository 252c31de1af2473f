//! `POST /auth/password-reset/request`, `POST /auth/password-reset/confirm`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use fastauth_application::password_reset::{PasswordResetError, PasswordResets};
use fastauth_domain::token::Token;
use secrecy::SecretString;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    fields::{EmailRequest, unacceptable_password},
    json::{FromMembers, Json, Members, Noted},
    openapi::{InputProblems, LimitProblem, TokenProblem},
    problem::{Problem, TOKEN_EXPIRED, TOKEN_INVALID},
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<PasswordResets>> {
    OpenApiRouter::new().routes(routes!(request)).routes(routes!(confirm))
}

/// Mails a link to a new password, if the address has an account.
#[utoipa::path(
    post, path = "/auth/password-reset/request", operation_id = "request_password_reset",
    tag = "auth", request_body = EmailRequest,
    responses((status = 204, description = "Whether there is an account or not."), InputProblems, LimitProblem),
)]
async fn request(
    State(resets): State<Arc<PasswordResets>>,
    Caller(visitor): Caller,
    Json(EmailRequest { email }): Json<EmailRequest>,
) -> Result<StatusCode, Problem> {
    resets.request(email, &visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new password, and the right to set it.
#[derive(ToSchema)]
struct PasswordResetConfirmation {
    /// From the link in the mail.
    #[schema(value_type = String, example = "fa_reset_n0Zk...")]
    token: Token,
    /// The new password.
    #[schema(value_type = String, format = Password, example = "newpassword456")]
    new_password: SecretString,
}

impl FromMembers for PasswordResetConfirmation {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        let (token, new_password) = (members.token("token"), members.secret("new_password"));
        Ok(Self { token: token?, new_password: new_password? })
    }
}

/// Replaces a password. Every session of the account ends. A password that is refused does not
/// spend the token.
#[utoipa::path(
    post, path = "/auth/password-reset/confirm", operation_id = "confirm_password_reset",
    tag = "auth", request_body = PasswordResetConfirmation,
    responses((status = 204, description = "The password is replaced."), InputProblems, TokenProblem),
)]
async fn confirm(
    State(resets): State<Arc<PasswordResets>>,
    Caller(visitor): Caller,
    Json(PasswordResetConfirmation { token, new_password }): Json<PasswordResetConfirmation>,
) -> Result<StatusCode, Problem> {
    resets.confirm(&token, &new_password, &visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<PasswordResetError> for Problem {
    fn from(error: PasswordResetError) -> Self {
        match error {
            PasswordResetError::TokenInvalid(why) => Self::new(&TOKEN_INVALID, why),
            PasswordResetError::TokenExpired(why) => Self::new(&TOKEN_EXPIRED, why),
            PasswordResetError::UnacceptablePassword(why) => {
                unacceptable_password("new_password", why)
            }
            PasswordResetError::Unavailable(why) => why.into(),
        }
    }
}
