//! `/roles`, `/roles/{name}` and `/roles/{name}/permissions`. Who has roles is in [`assignments`].

mod assignments;
mod namesakes;
mod requests;

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
};
use fastauth_application::roles::{Actor, Roles, RolesError};
use fastauth_domain::role::{Permission, Refused, Role, RoleName};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::requests::{NewRole, PermissionList};
use crate::{
    authorization::{Authorization, NotPermitted, RequirePermission, RequiredPermission},
    field_error::{FieldError, TOO_MANY},
    json::Json as Body,
    message::Message,
    openapi::{
        AdministratorProblems, AuthorizedInputProblem, InputProblems, LastAdministratorProblem,
        PathProblem, RoleNotFoundProblem, RoleTakenProblem,
    },
    parameters::InPath,
    problem::{LAST_ADMINISTRATOR, Problem, ROLE_ALREADY_EXISTS, ROLE_NOT_FOUND, USER_NOT_FOUND},
    visitor,
};

pub(crate) fn routes() -> OpenApiRouter<Authorization> {
    let definitions = OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(delete))
        .routes(routes!(grant, withdraw));
    namesakes::add_to(definitions.merge(assignments::routes()))
}

/// Whoever may manage roles.
struct Administrator(Actor);

struct CanManageRoles;

impl RequiredPermission for CanManageRoles {
    const PERMISSION: Permission = Permission::MANAGE_ROLES;
}

impl FromRequestParts<Authorization> for Administrator {
    type Rejection = NotPermitted;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Authorization,
    ) -> Result<Self, NotPermitted> {
        let user = RequirePermission::<CanManageRoles>::from_request_parts(parts, state).await?;
        let Ok(visitor::Caller(visitor)) = visitor::Caller::from_request_parts(parts, state).await;
        Ok(Self(Actor { account: Some(user.caller.account.id), visitor }))
    }
}

/// A role, and what it permits.
#[derive(Serialize, ToSchema)]
struct RoleResponse {
    /// What it is called.
    #[schema(example = "editor")]
    name: String,
    /// What it permits, in the order of the alphabet.
    #[schema(example = json!(["posts:*", "users:read"]))]
    permissions: Vec<String>,
}

impl From<&Role> for RoleResponse {
    fn from(role: &Role) -> Self {
        Self { name: role.name.to_string(), permissions: texts(&role.permissions) }
    }
}

fn texts(values: &BTreeSet<impl ToString>) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

/// Lists every role.
#[utoipa::path(
    get, path = "/roles", operation_id = "list_roles", tag = "roles", security(("bearer" = [])),
    responses(
        (status = 200, description = "In the order of their names.", body = Vec<RoleResponse>),
        AdministratorProblems,
    ),
)]
async fn list(
    _: Administrator,
    State(roles): State<Arc<Roles>>,
) -> Result<Json<Vec<RoleResponse>>, Problem> {
    Ok(Json(roles.all().await?.iter().map(RoleResponse::from).collect()))
}

/// Creates a role.
#[utoipa::path(
    post, path = "/roles", operation_id = "create_role", tag = "roles", request_body = NewRole,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The role.", body = RoleResponse),
        InputProblems, AdministratorProblems, AuthorizedInputProblem, RoleTakenProblem,
    ),
)]
async fn create(
    Administrator(actor): Administrator,
    State(roles): State<Arc<Roles>>,
    Body(NewRole { name, permissions }): Body<NewRole>,
) -> Result<(StatusCode, Json<RoleResponse>), Problem> {
    let role = Role { name, permissions };
    roles.create(&role, &actor).await?;
    Ok((StatusCode::CREATED, Json((&role).into())))
}

/// Deletes a role. Whoever has it has it no more.
#[utoipa::path(
    delete, path = "/roles/{name}", operation_id = "delete_role", tag = "roles",
    params(("name" = String, Path, description = "What it is called.", example = "editor")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "It is gone.", body = Message),
        AdministratorProblems, PathProblem, RoleNotFoundProblem, LastAdministratorProblem,
    ),
)]
async fn delete(
    Administrator(actor): Administrator,
    State(roles): State<Arc<Roles>>,
    InPath(name): InPath<RoleName>,
) -> Result<Json<Message>, Problem> {
    roles.delete(&name, &actor).await?;
    Ok(Message::new("The role is deleted."))
}

/// Has a role permit more. What it permits already is no error.
#[utoipa::path(
    post, path = "/roles/{name}/permissions", operation_id = "grant_permissions", tag = "roles",
    params(("name" = String, Path, description = "What the role is called.", example = "editor")),
    request_body = PermissionList, security(("bearer" = [])),
    responses(
        (status = 200, description = "The role permits it.", body = Message),
        InputProblems, AdministratorProblems, AuthorizedInputProblem, RoleNotFoundProblem,
    ),
)]
async fn grant(
    Administrator(actor): Administrator,
    State(roles): State<Arc<Roles>>,
    InPath(name): InPath<RoleName>,
    Body(PermissionList { permissions }): Body<PermissionList>,
) -> Result<Json<Message>, Problem> {
    roles.grant(&name, &permissions, &actor).await?;
    Ok(Message::new("The permissions are granted."))
}

/// Has a role permit less. What it does not permit is no error.
#[utoipa::path(
    delete, path = "/roles/{name}/permissions", operation_id = "withdraw_permissions",
    tag = "roles",
    params(("name" = String, Path, description = "What the role is called.", example = "editor")),
    request_body = PermissionList, security(("bearer" = [])),
    responses(
        (status = 200, description = "The role does not permit it.", body = Message),
        InputProblems, AdministratorProblems, AuthorizedInputProblem, RoleNotFoundProblem,
        LastAdministratorProblem,
    ),
)]
async fn withdraw(
    Administrator(actor): Administrator,
    State(roles): State<Arc<Roles>>,
    InPath(name): InPath<RoleName>,
    Body(PermissionList { permissions }): Body<PermissionList>,
) -> Result<Json<Message>, Problem> {
    roles.withdraw(&name, &permissions, &actor).await?;
    Ok(Message::new("The permissions are withdrawn."))
}

impl From<RolesError> for Problem {
    fn from(error: RolesError) -> Self {
        match error {
            RolesError::Refused(why) => why.into(),
            RolesError::Unavailable(why) => why.into(),
        }
    }
}

impl From<Refused> for Problem {
    fn from(why: Refused) -> Self {
        let too_many = |field, verb| {
            let message = format_args!("{verb} too many: {why}");
            Self::invalid(vec![FieldError::new(field, &TOO_MANY, message)])
        };
        match why {
            Refused::RoleNotFound => Self::new(&ROLE_NOT_FOUND, why),
            Refused::UserNotFound => Self::new(&USER_NOT_FOUND, why),
            Refused::RoleAlreadyExists => Self::new(&ROLE_ALREADY_EXISTS, why),
            Refused::LastAdministrator(_) => Self::new(&LAST_ADMINISTRATOR, why),
            Refused::TooManyPermissions => too_many("permissions", "are"),
            Refused::TooManyRoles => too_many("role_name", "is one"),
        }
    }
}
