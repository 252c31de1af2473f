//! `POST /auth/register`

use std::sync::Arc;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use fastauth_application::register::{NewUser, RegisterError, Registrations, Welcome};
use fastauth_domain::{account::DisplayName, email::EmailAddress};
use secrecy::SecretString;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    fields::unacceptable_password,
    json::{FromMembers, Json, Members, Noted},
    message::Message,
    openapi::{InputProblems, LimitProblem, TakenProblem},
    problem::{Problem, USER_ALREADY_EXISTS},
    tokens::TokenResponse,
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<Registrations>> {
    OpenApiRouter::new().routes(routes!(register))
}

/// What a person registers with.
#[derive(ToSchema)]
struct RegisterRequest {
    /// Where their mail goes.
    #[schema(value_type = String, format = Email, example = "user@example.com")]
    email: EmailAddress,
    /// 8 to 128 characters by default, of any kind; common ones are refused.
    #[schema(value_type = String, format = Password, example = "securepassword123")]
    password: SecretString,
    /// What they want to be called: 1 to 128 characters.
    #[schema(value_type = Option<String>, example = "Ada Lovelace")]
    name: Option<DisplayName>,
}

impl FromMembers for RegisterRequest {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        let (email, password, name) = (members.email(), members.secret("password"), members.name());
        Ok(Self { email: email?, password: password?, name: name? })
    }
}

const CHECK_MAIL: &str = "Check your mail: we have sent you a message to go on with.";

/// Registers an account.
#[utoipa::path(
    post, path = "/auth/register", tag = "auth", request_body = RegisterRequest,
    responses(
        (status = 201, description = "The account is registered and signed in.", body = TokenResponse),
        (status = 202, description = "Addresses must be verified: the rest is in the mail. The answer is the same for a taken address, whose owner is told by mail.", body = Message),
        TakenProblem, InputProblems, LimitProblem,
    ),
)]
async fn register(
    State(registrations): State<Arc<Registrations>>,
    Caller(visitor): Caller,
    Json(RegisterRequest { email, password, name }): Json<RegisterRequest>,
) -> Result<Response, Problem> {
    let user = NewUser { email, password, name };
    Ok(match registrations.register(user, &visitor).await? {
        Welcome::SignedIn(tokens) => TokenResponse::answer(StatusCode::CREATED, &tokens),
        Welcome::CheckMail => (StatusCode::ACCEPTED, Message::new(CHECK_MAIL)).into_response(),
    })
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::UserAlreadyExists(why) => Self::new(&USER_ALREADY_EXISTS, why),
            RegisterError::UnacceptablePassword(why) => unacceptable_password("password", why),
            RegisterError::TooManyAttempts(why) => why.into(),
            RegisterError::Unavailable(why) => why.into(),
        }
    }
}
