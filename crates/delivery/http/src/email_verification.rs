//! `POST /auth/email-verification/request`, `/resend` and `/confirm`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use fastauth_application::email_verification::{EmailVerificationError, EmailVerifications};
use fastauth_domain::token::Token;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    fields::EmailRequest,
    json::{FromMembers, Json, Members, Noted},
    openapi::{InputProblems, LimitProblem, TokenProblem},
    problem::{Problem, TOKEN_EXPIRED, TOKEN_INVALID},
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<EmailVerifications>> {
    OpenApiRouter::new().routes(routes!(request)).routes(routes!(resend)).routes(routes!(confirm))
}

/// Mails a verification link, if the address has an account that is not verified.
#[utoipa::path(
    post, path = "/auth/email-verification/request", operation_id = "request_email_verification",
    tag = "auth", request_body = EmailRequest,
    responses((status = 204, description = "Whether there is an account or not."), InputProblems, LimitProblem),
)]
async fn request(
    State(verifications): State<Arc<EmailVerifications>>,
    Caller(visitor): Caller,
    Json(EmailRequest { email }): Json<EmailRequest>,
) -> Result<StatusCode, Problem> {
    verifications.request(email, &visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Mails the verification link again; the earlier one ends. The same as `request`.
#[utoipa::path(
    post, path = "/auth/email-verification/resend", operation_id = "resend_email_verification",
    tag = "auth", request_body = EmailRequest,
    responses((status = 204, description = "Whether there is an account or not."), InputProblems, LimitProblem),
)]
async fn resend(
    verifications: State<Arc<EmailVerifications>>,
    caller: Caller,
    email: Json<EmailRequest>,
) -> Result<StatusCode, Problem> {
    request(verifications, caller, email).await
}

/// The proof that a mail was received.
#[derive(ToSchema)]
struct EmailVerificationConfirmation {
    /// From the link in the mail.
    #[schema(value_type = String, example = "fa_verify_n0Zk...")]
    token: Token,
}

impl FromMembers for EmailVerificationConfirmation {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        Ok(Self { token: members.token("token")? })
    }
}

/// Verifies an address.
#[utoipa::path(
    post, path = "/auth/email-verification/confirm", operation_id = "confirm_email_verification",
    tag = "auth", request_body = EmailVerificationConfirmation,
    responses((status = 204, description = "The address is verified."), InputProblems, TokenProblem),
)]
async fn confirm(
    State(verifications): State<Arc<EmailVerifications>>,
    Caller(visitor): Caller,
    Json(EmailVerificationConfirmation { token }): Json<EmailVerificationConfirmation>,
) -> Result<StatusCode, Problem> {
    verifications.confirm(&token, &visitor).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<EmailVerificationError> for Problem {
    fn from(error: EmailVerificationError) -> Self {
        match error {
            EmailVerificationError::TokenInvalid(why) => Self::new(&TOKEN_INVALID, why),
            EmailVerificationError::TokenExpired(why) => Self::new(&TOKEN_EXPIRED, why),
            EmailVerificationError::Unavailable(why) => why.into(),
        }
    }
}
