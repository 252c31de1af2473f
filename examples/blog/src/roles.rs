//! Who may do what in this blog.

use fastauth::{
    FastAuth,
    application::roles::{Actor, RolesError},
    domain::role::{Permission, RoleName},
    http::RequiredPermission,
};

/// Reads.
pub const VIEWER: RoleName = RoleName::from_static("viewer");
/// Writes, too.
pub const EDITOR: RoleName = RoleName::from_static("editor");

/// To read articles.
#[derive(Clone, Copy, Debug)]
pub struct CanRead;
/// To write articles, and to change one's own.
#[derive(Clone, Copy, Debug)]
pub struct CanWrite;
/// To delete articles, whoever has written them.
#[derive(Clone, Copy, Debug)]
pub struct CanDelete;

impl RequiredPermission for CanRead {
    const PERMISSION: Permission = Permission::from_static("articles:read");
}

impl RequiredPermission for CanWrite {
    const PERMISSION: Permission = Permission::from_static("articles:write");
}

impl RequiredPermission for CanDelete {
    const PERMISSION: Permission = Permission::from_static("articles:delete");
}

/// Makes sure that the roles are there and permit what they should. What administrators have added stays.
pub async fn ensure(auth: &FastAuth) -> Result<(), RolesError> {
    let (read, write) = (CanRead::PERMISSION, CanWrite::PERMISSION);
    let everything = [read.clone(), write.clone(), CanDelete::PERMISSION, Permission::MANAGE_ROLES];
    let roles = &auth.use_cases().roles;
    for (name, permissions) in [
        (VIEWER, [read.clone()].into()),
        (EDITOR, [read, write].into()),
        (RoleName::ADMIN, everything.into()),
    ] {
        roles.ensure(&name).await?;
        roles.grant(&name, &permissions, &Actor::default()).await?;
    }
    Ok(())
}
