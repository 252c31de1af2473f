//! `POST /account/change-password`

use axum::{Json as Body, extract::State};
use fastauth_application::password_change::{PasswordChangeError, PasswordChanges};
use fastauth_domain::password::PresentedPassword;
use secrecy::SecretString;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    fields::unacceptable_password,
    json::{FromMembers, Json, Members, Noted},
    message::Message,
    openapi::{BearerProblems, InputProblems, LimitProblem, PasswordProblem},
    principal::CurrentUser,
    problem::{INVALID_PASSWORD, Problem},
    protected::Protected,
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Protected<PasswordChanges>> {
    OpenApiRouter::new().routes(routes!(change))
}

/// The present password, and the one to come.
#[derive(ToSchema)]
struct PasswordChangeRequest {
    /// The present password.
    #[schema(value_type = String, format = Password, example = "securepassword123")]
    current_password: SecretString,
    /// 8 to 128 characters by default, of any kind; common ones are refused.
    #[schema(value_type = String, format = Password, example = "newpassword456")]
    new_password: SecretString,
}

impl FromMembers for PasswordChangeRequest {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        let current_password = members.secret("current_password");
        let new_password = members.secret("new_password");
        Ok(Self { current_password: current_password?, new_password: new_password? })
    }
}

/// Replaces your password. Every other session ends.
#[utoipa::path(
    post, path = "/account/change-password", operation_id = "change_password", tag = "account",
    security(("bearer" = [])), request_body = PasswordChangeRequest,
    responses(
        (status = 200, description = "The password is replaced.", body = Message),
        BearerProblems, InputProblems, PasswordProblem, LimitProblem,
    ),
)]
async fn change(
    State(Protected { use_case: changes, .. }): State<Protected<PasswordChanges>>,
    CurrentUser(caller): CurrentUser,
    Caller(visitor): Caller,
    Json(PasswordChangeRequest { current_password, new_password }): Json<PasswordChangeRequest>,
) -> Result<Body<Message>, Problem> {
    let present = PresentedPassword::new(&current_password);
    changes.change(&caller, &present, &new_password, &visitor).await?;
    Ok(Body(Message { message: "Your password is changed, and every other device is signed out." }))
}

impl From<PasswordChangeError> for Problem {
    fn from(error: PasswordChangeError) -> Self {
        match error {
            PasswordChangeError::WrongPassword(why) => Self::new(&INVALID_PASSWORD, why),
            PasswordChangeError::UnacceptablePassword(why) => {
                unacceptable_password("new_password", why)
            }
            PasswordChangeError::TooManyAttempts(why) => why.into(),
            PasswordChangeError::Unavailable(why) => why.into(),
        }
    }
}
