//! Roles that are called like the end of another path, such as `user`: a path is looked for before its
//! method, and one that is spelt out before one with a name in it.

use std::sync::Arc;

use axum::{
    extract::State,
    routing::{delete, post},
};
use fastauth_application::roles::Roles;
use fastauth_domain::role::RoleName;
use utoipa_axum::router::OpenApiRouter;

use super::{Administrator, requests::PermissionList};
use crate::{authorization::Authorization, json::Json, parameters::InPath};

/// `/roles/<name>` is another path of these.
const OF_ROLES: [RoleName; 3] =
    [RoleName::from_static("assign"), RoleName::from_static("me"), RoleName::from_static("revoke")];

/// `/roles/<name>/permissions` could be a user's.
const OF_USERS: InPath<RoleName> = InPath(RoleName::from_static("user"));

type UseCase = State<Arc<Roles>>;

/// Adds what can be done to those.
pub(super) fn add_to(mut router: OpenApiRouter<Authorization>) -> OpenApiRouter<Authorization> {
    for name in OF_ROLES {
        let path = format!("/roles/{name}");
        let named = move |administrator: Administrator, roles: UseCase| {
            super::delete(administrator, roles, InPath(name.clone()))
        };
        router = router.route(&path, delete(named));
    }
    let grant = |administrator: Administrator, roles: UseCase, list: Json<PermissionList>| {
        super::grant(administrator, roles, OF_USERS, list)
    };
    let withdraw = |administrator: Administrator, roles: UseCase, list: Json<PermissionList>| {
        super::withdraw(administrator, roles, OF_USERS, list)
    };
    router.route("/roles/user/permissions", post(grant).delete(withdraw))
}
