//! `/roles/me`, `/roles/user/{user_id}`, `/roles/assign` and `/roles/revoke`

use std::sync::Arc;

use axum::{Json, extract::State};
use fastauth_application::roles::Roles;
use fastauth_domain::{identifier::AccountId, role::Rights};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Administrator, requests::AssignmentRequest, texts};
use crate::{
    authorization::{Authorization, rights_of},
    json::Json as Body,
    message::Message,
    openapi::{
        AdministratorProblems, AuthorizedInputProblem, BearerProblems, HolderNotFoundProblem,
        InputProblems, LastAdministratorProblem, PathProblem, UserNotFoundProblem,
    },
    parameters::InPath,
    principal::CurrentUser,
    problem::Problem,
};

pub(super) fn routes() -> OpenApiRouter<Authorization> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(of_user))
        .routes(routes!(assign))
        .routes(routes!(revoke))
}

/// What an account may do.
#[derive(Serialize, ToSchema)]
struct RightsResponse {
    /// Whose account.
    user_id: Uuid,
    /// The roles that it has, in the order of the alphabet.
    #[schema(example = json!(["editor"]))]
    roles: Vec<String>,
    /// What any of them permits, in the order of the alphabet.
    #[schema(example = json!(["posts:*", "users:read"]))]
    permissions: Vec<String>,
}

impl RightsResponse {
    fn new(account: AccountId, rights: &Rights) -> Json<Self> {
        Json(Self {
            user_id: account.uuid(),
            roles: texts(&rights.roles),
            permissions: texts(&rights.permissions),
        })
    }
}

/// Tells what you may do.
#[utoipa::path(
    get, path = "/roles/me", operation_id = "my_roles", tag = "roles", security(("bearer" = [])),
    responses((status = 200, description = "Your roles.", body = RightsResponse), BearerProblems),
)]
async fn me(
    CurrentUser(caller): CurrentUser,
    State(roles): State<Arc<Roles>>,
) -> Result<Json<RightsResponse>, Problem> {
    let rights = rights_of(&caller, &roles).await?;
    Ok(RightsResponse::new(caller.account.id, &rights))
}

/// Tells what somebody may do.
#[utoipa::path(
    get, path = "/roles/user/{user_id}", operation_id = "roles_of_user", tag = "roles",
    params(("user_id" = Uuid, Path, description = "Whose account.")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Their roles.", body = RightsResponse),
        AdministratorProblems, PathProblem, UserNotFoundProblem,
    ),
)]
async fn of_user(
    _: Administrator,
    State(roles): State<Arc<Roles>>,
    InPath(account): InPath<AccountId>,
) -> Result<Json<RightsResponse>, Problem> {
    Ok(RightsResponse::new(account, &roles.rights(account).await?))
}

/// Gives a role to somebody. One that they have is no error.
#[utoipa::path(
    post, path = "/roles/assign", operation_id = "assign_role", tag = "roles",
    request_body = AssignmentRequest, security(("bearer" = [])),
    responses(
        (status = 200, description = "They have it.", body = Message),
        InputProblems, AdministratorProblems, AuthorizedInputProblem, HolderNotFoundProblem,
    ),
)]
async fn assign(
    Administrator(actor): Administrator,
    State(roles): State<Arc<Roles>>,
    Body(AssignmentRequest { user_id, role_name }): Body<AssignmentRequest>,
) -> Result<Json<Message>, Problem> {
    roles.assign(user_id, &role_name, &actor).await?;
    Ok(Message::new("The role is assigned."))
}

/// Takes a role from somebody. One that they do not have is no error.
#[utoipa::path(
    post, path = "/roles/revoke", operation_id = "revoke_role", tag = "roles",
    request_body = AssignmentRequest, security(("bearer" = [])),
    responses(
        (status = 200, description = "They do not have it.", body = Message),
        InputProblems, AdministratorProblems, AuthorizedInputProblem, HolderNotFoundProblem,
        LastAdministratorProblem,
    ),
)]
async fn revoke(
    Administrator(actor): Administrator,
    State(roles): State<Arc<Roles>>,
    Body(AssignmentRequest { user_id, role_name }): Body<AssignmentRequest>,
) -> Result<Json<Message>, Problem> {
    roles.revoke(user_id, &role_name, &actor).await?;
    Ok(Message::new("The role is revoked."))
}
