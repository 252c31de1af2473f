//! `POST /auth/login`

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use fastauth_application::login::{Credentials, LoginError, Logins};
use fastauth_domain::{email::EmailAddress, password::PresentedPassword, session::Persistence};
use secrecy::SecretString;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    json::{FromMembers, Json, Members, Noted},
    openapi::{InputProblems, LimitProblem, SignInProblems},
    problem::{EMAIL_NOT_VERIFIED, INVALID_CREDENTIALS, Problem},
    tokens::TokenResponse,
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Arc<Logins>> {
    OpenApiRouter::new().routes(routes!(login))
}

/// What a person signs in with.
#[derive(ToSchema)]
struct LoginRequest {
    /// The address of the account.
    #[schema(value_type = String, format = Email, example = "user@example.com")]
    email: EmailAddress,
    /// Its password.
    #[schema(value_type = String, format = Password, example = "securepassword123")]
    password: SecretString,
    /// Whether to stay signed in on this device: a longer session.
    #[schema(value_type = Option<bool>, default = false)]
    remember: bool,
}

impl FromMembers for LoginRequest {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        let (email, password) = (members.email(), members.secret("password"));
        let remember = members.flag("remember");
        Ok(Self { email: email?, password: password?, remember: remember? })
    }
}

/// Signs in.
#[utoipa::path(
    post, path = "/auth/login", tag = "auth", request_body = LoginRequest,
    responses(
        (status = 200, description = "Signed in.", body = TokenResponse),
        SignInProblems, InputProblems, LimitProblem,
    ),
)]
async fn login(
    State(logins): State<Arc<Logins>>,
    Caller(visitor): Caller,
    Json(request): Json<LoginRequest>,
) -> Result<Response, Problem> {
    let credentials = Credentials {
        email: request.email,
        password: PresentedPassword::new(&request.password),
        persistence: if request.remember { Persistence::Remembered } else { Persistence::Normal },
    };
    let tokens = logins.login(credentials, &visitor).await?;
    Ok(TokenResponse::answer(StatusCode::OK, &tokens))
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials(why) => Self::new(&INVALID_CREDENTIALS, why),
            LoginError::EmailNotVerified(why) => Self::new(&EMAIL_NOT_VERIFIED, why),
            LoginError::TooManyAttempts(why) => why.into(),
            LoginError::Unavailable(why) => why.into(),
        }
    }
}
