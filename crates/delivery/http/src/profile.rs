//! `GET /account/profile`, `PATCH /account/profile`

use axum::{Json as Body, extract::State};
use fastauth_application::profile::Profiles;
use fastauth_domain::account::ProfileChange;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    account::MeResponse,
    json::{FromMembers, Json, Members, Noted},
    openapi::{BearerProblems, InputProblems},
    principal::CurrentUser,
    problem::{INVALID_TOKEN, Problem},
    protected::Protected,
    visitor::Caller,
};

pub(crate) fn routes() -> OpenApiRouter<Protected<Profiles>> {
    OpenApiRouter::new().routes(routes!(show, change))
}

/// What is to be different. What is left out stays as it is, and so does everything else about the
/// account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the members that are read")]
struct ProfileRequest {
    /// What the person wants to be called: 1 to 128 characters; `null` removes it.
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
    /// Where a picture of the person is: an http or https URL; `null` removes it.
    #[schema(example = "https://example.com/ada.png")]
    image: Option<String>,
}

impl FromMembers for ProfileChange {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        members.profile()
    }
}

/// Shows what you are shown as.
#[utoipa::path(
    get, path = "/account/profile", operation_id = "profile", tag = "account",
    security(("bearer" = [])),
    responses((status = 200, description = "You.", body = MeResponse), BearerProblems),
)]
async fn show(CurrentUser(caller): CurrentUser) -> Body<MeResponse> {
    Body((&caller.account).into())
}

/// Changes what you are shown as.
#[utoipa::path(
    patch, path = "/account/profile", operation_id = "change_profile", tag = "account",
    security(("bearer" = [])), request_body = ProfileRequest,
    responses((status = 200, description = "You, from now on.", body = MeResponse), BearerProblems, InputProblems),
)]
async fn change(
    State(Protected { use_case: profiles, .. }): State<Protected<Profiles>>,
    CurrentUser(caller): CurrentUser,
    Caller(visitor): Caller,
    Json(change): Json<ProfileChange>,
) -> Result<Body<MeResponse>, Problem> {
    let changed = profiles.change(caller.account.id, change, &visitor).await?;
    let account = changed.ok_or_else(|| Problem::new(&INVALID_TOKEN, "the account is gone"))?;
    Ok(Body((&account).into()))
}
