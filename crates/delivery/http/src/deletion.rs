//! `DELETE /account/delete`

use axum::{Json as Body, extract::State};
use fastauth_application::{
    deletion::{DeletionError, Deletions},
    password_proof::ProofError,
};
use fastauth_domain::{deletion::Deletion, password::PresentedPassword};
use secrecy::SecretString;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    json::{FromMembers, Json, Members, Noted},
    message::Message,
    openapi::{
        BearerProblems, InputProblems, LastAdministratorProblem, LimitProblem, PasswordProblem,
    },
    principal::CurrentUser,
    problem::{INVALID_PASSWORD, LAST_ADMINISTRATOR, Problem},
    protected::Protected,
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Protected<Deletions>> {
    OpenApiRouter::new().routes(routes!(delete))
}

/// How much is to be left of the account.
#[derive(ToSchema)]
struct DeletionRequest {
    /// The password of the account.
    #[schema(value_type = String, format = Password, example = "securepassword123")]
    password: SecretString,
    /// Whether to remove everything that is stored about you, for good. Otherwise the account is
    /// closed, its address stays reserved, and an operator can open it again.
    #[schema(value_type = Option<bool>, default = false)]
    hard_delete: bool,
}

impl FromMembers for DeletionRequest {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        let (password, hard_delete) = (members.secret("password"), members.flag("hard_delete"));
        Ok(Self { password: password?, hard_delete: hard_delete? })
    }
}

/// Deletes your account. Every session ends.
#[utoipa::path(
    delete, path = "/account/delete", operation_id = "delete_account", tag = "account",
    security(("bearer" = [])), request_body = DeletionRequest,
    responses(
        (status = 200, description = "The account is closed, or gone.", body = Message),
        BearerProblems, InputProblems, PasswordProblem, LastAdministratorProblem, LimitProblem,
    ),
)]
async fn delete(
    State(Protected { use_case: deletions, .. }): State<Protected<Deletions>>,
    CurrentUser(caller): CurrentUser,
    Caller(visitor): Caller,
    Json(DeletionRequest { password, hard_delete }): Json<DeletionRequest>,
) -> Result<Body<Message>, Problem> {
    let password = PresentedPassword::new(&password);
    let (deletion, message) = if hard_delete {
        (Deletion::Hard, "Your account and everything about you is deleted.")
    } else {
        (Deletion::Soft, "Your account is closed.")
    };
    deletions.delete(&caller, &password, deletion, &visitor).await?;
    Ok(Body(Message { message }))
}

impl From<DeletionError> for Problem {
    fn from(error: DeletionError) -> Self {
        match error {
            DeletionError::WrongPassword(why) => Self::new(&INVALID_PASSWORD, why),
            DeletionError::LastAdministrator(why) => Self::new(&LAST_ADMINISTRATOR, why),
            DeletionError::TooManyAttempts(why) => why.into(),
            DeletionError::Unavailable(why) => why.into(),
        }
    }
}

impl From<ProofError> for Problem {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::WrongPassword(why) => Self::new(&INVALID_PASSWORD, why),
            ProofError::TooManyAttempts(why) => why.into(),
            ProofError::Unavailable(why) => why.into(),
        }
    }
}
