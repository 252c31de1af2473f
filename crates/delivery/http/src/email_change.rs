//! `POST /account/request-email-change`, `POST /account/confirm-email-change`,
//! `POST /account/revert-email-change`

use axum::{Json as Body, extract::State};
use fastauth_application::email_change::{EmailChangeError, EmailChangeLinkError, EmailChanges};
use fastauth_domain::{
    email::EmailAddress, email_change::RequestRefused, one_time::TokenRefused,
    password::PresentedPassword, token::Token,
};
use secrecy::SecretString;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    field_error::{FieldError, UNCHANGED},
    json::{FromMembers, Json, Members, Noted},
    message::Message,
    openapi::{
        BearerProblems, EmailTakenProblem, InputProblems, LimitProblem, PasswordProblem,
        TokenProblem,
    },
    principal::CurrentUser,
    problem::{EMAIL_TAKEN, INVALID_PASSWORD, Problem, TOKEN_EXPIRED, TOKEN_INVALID},
    protected::Protected,
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Protected<EmailChanges>> {
    OpenApiRouter::new().routes(routes!(request)).routes(routes!(confirm)).routes(routes!(revert))
}

/// Another address, and the right to ask for it.
#[derive(ToSchema)]
struct EmailChangeRequest {
    /// The address to come.
    #[schema(value_type = String, format = Email, example = "ada@example.net")]
    new_email: EmailAddress,
    /// The password of the account.
    #[schema(value_type = String, format = Password, example = "securepassword123")]
    password: SecretString,
}

impl FromMembers for EmailChangeRequest {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        let (new_email, password) = (members.address("new_email"), members.secret("password"));
        Ok(Self { new_email: new_email?, password: password? })
    }
}

/// Asks for another address: a link is mailed to it, and a notice with a way back to the present one.
/// The present address works until the link is followed. A newer request takes the place of an older.
#[utoipa::path(
    post, path = "/account/request-email-change", operation_id = "request_email_change",
    tag = "account", security(("bearer" = [])), request_body = EmailChangeRequest,
    responses(
        (status = 200, description = "The rest is in the mail. Where addresses must be verified, the answer is the same for a taken one.", body = Message),
        BearerProblems, InputProblems, PasswordProblem, EmailTakenProblem, LimitProblem,
    ),
)]
async fn request(
    State(Protected { use_case: changes, .. }): State<Protected<EmailChanges>>,
    CurrentUser(caller): CurrentUser,
    Caller(visitor): Caller,
    Json(EmailChangeRequest { new_email, password }): Json<EmailChangeRequest>,
) -> Result<Body<Message>, Problem> {
    let password = PresentedPassword::new(&password);
    changes.request(&caller, &new_email, &password, &visitor).await?;
    Ok(Body(Message { message: "Check the mail of the new address: follow the link in it." }))
}

/// What the link in a mail carries.
#[derive(ToSchema)]
struct EmailChangeLink {
    /// From the link in the mail.
    #[schema(value_type = String, example = "fa_change_n0Zk...")]
    token: Token,
}

impl FromMembers for EmailChangeLink {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        Ok(Self { token: members.token("token")? })
    }
}

/// Gives the account the address that the link was mailed to. The token is the right to do so: nobody
/// has to be signed in.
#[utoipa::path(
    post, path = "/account/confirm-email-change", operation_id = "confirm_email_change",
    tag = "account", request_body = EmailChangeLink,
    responses(
        (status = 200, description = "The account has the address, and it is verified.", body = Message),
        InputProblems, TokenProblem, EmailTakenProblem,
    ),
)]
async fn confirm(
    State(Protected { use_case: changes, .. }): State<Protected<EmailChanges>>,
    Caller(visitor): Caller,
    Json(EmailChangeLink { token }): Json<EmailChangeLink>,
) -> Result<Body<Message>, Problem> {
    changes.confirm(&token, &visitor).await?;
    Ok(Body(Message { message: "Your account has its new address." }))
}

/// Gives the account the address back that it had before, whether the change was confirmed or not.
/// Every session ends, the password opens nothing any more, and a link to a new one is mailed.
#[utoipa::path(
    post, path = "/account/revert-email-change", operation_id = "revert_email_change",
    tag = "account", request_body = EmailChangeLink,
    responses(
        (status = 200, description = "The account has its old address.", body = Message),
        InputProblems, TokenProblem, EmailTakenProblem,
    ),
)]
async fn revert(
    State(Protected { use_case: changes, .. }): State<Protected<EmailChanges>>,
    Caller(visitor): Caller,
    Json(EmailChangeLink { token }): Json<EmailChangeLink>,
) -> Result<Body<Message>, Problem> {
    changes.revert(&token, &visitor).await?;
    Ok(Body(Message {
        message: "Your account has its old address. Check your mail for a new password.",
    }))
}

impl From<EmailChangeError> for Problem {
    fn from(error: EmailChangeError) -> Self {
        match error {
            EmailChangeError::WrongPassword(why) => Self::new(&INVALID_PASSWORD, why),
            EmailChangeError::Refused(RequestRefused::Taken(why)) => Self::new(&EMAIL_TAKEN, why),
            EmailChangeError::Refused(why @ RequestRefused::Unchanged) => {
                Self::invalid(vec![FieldError::new("new_email", &UNCHANGED, why)])
            }
            EmailChangeError::TooManyAttempts(why) => why.into(),
            EmailChangeError::Unavailable(why) => why.into(),
        }
    }
}

impl From<EmailChangeLinkError> for Problem {
    fn from(error: EmailChangeLinkError) -> Self {
        match error {
            EmailChangeLinkError::Token(TokenRefused::Invalid(why)) => {
                Self::new(&TOKEN_INVALID, why)
            }
            EmailChangeLinkError::Token(TokenRefused::Expired(why)) => {
                Self::new(&TOKEN_EXPIRED, why)
            }
            EmailChangeLinkError::EmailTaken(why) => Self::new(&EMAIL_TAKEN, why),
            EmailChangeLinkError::Unavailable(why) => why.into(),
        }
    }
}
