//! What is asked for in bodies.

use std::collections::BTreeSet;

use fastauth_domain::{
    identifier::AccountId,
    role::{Permission, RoleName},
};
use utoipa::ToSchema;

use crate::{
    field_error::{FieldError, INVALID_PERMISSION},
    json::{FromMembers, Members, Noted},
    parameters::Named,
};

/// A role to be created.
#[derive(ToSchema)]
pub(super) struct NewRole {
    /// What it is called: a small letter, followed by at most 63 small letters, digits, hyphens and
    /// underscores.
    #[schema(value_type = String, example = "editor")]
    pub(super) name: RoleName,
    /// What it permits; nothing if it is missing.
    #[schema(value_type = Option<Vec<String>>, example = json!(["posts:*", "users:read"]))]
    pub(super) permissions: BTreeSet<Permission>,
}

impl FromMembers for NewRole {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        let name = members.required("name", |text| RoleName::read("name", &text));
        let permissions = members.optional_list("permissions", permission);
        Ok(Self { name: name?, permissions: permissions? })
    }
}

/// Permissions of a role.
#[derive(ToSchema)]
pub(super) struct PermissionList {
    /// Each as `resource:action`, `resource:*` or `*:*`.
    #[schema(value_type = Vec<String>, example = json!(["posts:publish"]))]
    pub(super) permissions: BTreeSet<Permission>,
}

impl FromMembers for PermissionList {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        Ok(Self { permissions: members.list("permissions", permission)? })
    }
}

fn permission(text: &str) -> Result<Permission, FieldError> {
    Permission::parse(text)
        .map_err(|error| FieldError::new("permissions", &INVALID_PERMISSION, error))
}

/// A role, and whom it is about.
#[derive(ToSchema)]
pub(super) struct AssignmentRequest {
    /// Whose account.
    #[schema(value_type = uuid::Uuid)]
    pub(super) user_id: AccountId,
    /// Which role.
    #[schema(value_type = String, example = "editor")]
    pub(super) role_name: RoleName,
}

impl FromMembers for AssignmentRequest {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        let user_id = members.required("user_id", |text| AccountId::read("user_id", &text));
        let role_name = members.required("role_name", |text| RoleName::read("role_name", &text));
        Ok(Self { user_id: user_id?, role_name: role_name? })
    }
}
