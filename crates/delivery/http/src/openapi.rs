//! The description of the API (OpenAPI 3.1), made from the code, and its browser.

use std::collections::BTreeMap;

use axum::{Json, Router, routing::get};
use utoipa::{
    IntoResponses, Modify, OpenApi, ToSchema,
    openapi::{
        ContentBuilder, Ref, RefOr, Response, ResponseBuilder,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::problem::{MEDIA_TYPE, ProblemDetails};

/// What there is to say about the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "FastAuth",
        description = "Authentication done completely: register, sign in, refresh, sign out, reset a password, verify an address.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/")),
    tags(
        (name = "auth", description = "Registering and signing in"),
        (name = "account", description = "Your account"),
        (name = "sessions", description = "Where you are signed in"),
        (name = "roles", description = "Who may do what"),
        (name = "health", description = "For whoever runs the server"),
    ),
    components(schemas(ProblemDetails)),
    modifiers(&Bearer),
)]
pub(crate) struct Api;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("PASETO v4.public")
            .description(Some("An access token"))
            .build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// `/openapi.json`, and the API's browser at `/docs`.
pub fn docs_router() -> Router {
    let description = crate::openapi();
    #[cfg(feature = "docs-ui")]
    let router = crate::browser::router();
    #[cfg(not(feature = "docs-ui"))]
    let router = Router::new();
    router.route("/openapi.json", get(async move || Json(description)))
}

/// Problems that a group of operations has in common.
macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident { $($status:literal: $description:literal,)+ })+) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([$(($status.to_owned(), problem($description)),)+])
            }
        }
    )+};
}

problems! {
    /// Of every operation that reads a JSON body.
    InputProblems {
        "400": "The body is not JSON (`malformed_json`).",
        "408": "The body did not come within ten seconds (`request_timeout`).",
        "413": "The body has more than 64 KiB (`payload_too_large`).",
        "415": "The body is not declared as JSON (`unsupported_media_type`).",
        "422": "A member is missing or wrong; `errors` names it (`validation_failed`).",
        "500": "A defect of the server (`internal_error`).",
        "503": "Something does not answer, or it is too busy; see `Retry-After` (`unavailable`).",
    }
    /// Of spending a one-time token. To be named after [`InputProblems`], whose 400 it adds to.
    TokenProblem {
        "400": "The token is no good (`token_invalid`, `token_expired`), or the body is not JSON (`malformed_json`).",
    }
    /// Of every operation that needs an access token.
    BearerProblems {
        "400": "There is more than one `Authorization` header (`bad_request`).",
        "401": "There is no access token (`not_authenticated`), or it is not in force (`invalid_token`).",
        "500": "A defect of the server (`internal_error`).",
        "503": "Something does not answer; see `Retry-After` (`unavailable`).",
    }
    /// Of every operation that needs the permission to manage roles.
    AdministratorProblems {
        "400": "There is more than one `Authorization` header (`bad_request`).",
        "401": "There is no access token (`not_authenticated`), or it is not in force (`invalid_token`).",
        "403": "None of your roles has the permission `roles:manage` (`permission_denied`).",
        "500": "A defect of the server (`internal_error`).",
        "503": "Something does not answer, or it is too busy; see `Retry-After` (`unavailable`).",
    }
    /// Of needing an access token and reading a body. To be named after both, whose 400 it puts together.
    AuthorizedInputProblem {
        "400": "The body is not JSON (`malformed_json`), or there is more than one `Authorization` header (`bad_request`).",
    }
    /// Of reading a name or an id from the path.
    PathProblem {
        "422": "The path has something else in its place (`validation_failed`).",
    }
    /// Of a role.
    RoleNotFoundProblem {
        "404": "There is no role of this name (`role_not_found`).",
    }
    /// Of somebody.
    UserNotFoundProblem {
        "404": "There is no account of this id (`user_not_found`).",
    }
    /// Of a role of somebody.
    HolderNotFoundProblem {
        "404": "There is no account of this id (`user_not_found`), or no role of this name (`role_not_found`).",
    }
    /// Of creating a role.
    RoleTakenProblem {
        "409": "There is a role of this name (`role_already_exists`).",
    }
    /// Of whatever could leave nobody who may manage roles.
    LastAdministratorProblem {
        "409": "Nobody would be left who may manage roles (`last_administrator`).",
    }
    /// Of registering.
    TakenProblem {
        "409": "The address has an account (`user_already_exists`). Never where addresses must be verified.",
    }
    /// Of what asks for the password again. To be named after [`InputProblems`], whose 400 it adds to.
    PasswordProblem {
        "400": "The password is wrong (`invalid_password`), or the body is not JSON (`malformed_json`).",
    }
    /// Of another address.
    EmailTakenProblem {
        "409": "The address has another account (`email_taken`).",
    }
    /// Of a session.
    SessionProblem {
        "404": "You have no such session (`session_not_found`).",
    }
    /// Of reading the query.
    QueryProblem {
        "422": "The query has something else in the place of a parameter (`validation_failed`).",
    }
    /// Of what is not done any number of times.
    LimitProblem {
        "429": "There were too many attempts; see `Retry-After` (`rate_limited`).",
    }
    /// Of signing in.
    SignInProblems {
        "401": "The address or the password is wrong, or the account is closed (`invalid_credentials`).",
        "403": "The password is right, but the address is not verified (`email_not_verified`).",
    }
    /// Of refreshing.
    RefreshProblem {
        "401": "The refresh token is no good (`invalid_refresh_token`), or was used before, and its session has ended (`refresh_token_reused`).",
    }
    /// Of asking whether it is ready.
    UnavailableProblem {
        "503": "They would not (`unavailable`).",
    }
}

fn problem(description: &str) -> RefOr<Response> {
    let schema = Ref::from_schema_name(ProblemDetails::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build().into()
}
