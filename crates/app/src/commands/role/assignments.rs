//! `fastauth role grant | revoke`

use clap::Args;
use fastauth::{
    Operations,
    domain::{
        administration::Whom,
        role::{Permission, Refused, RoleName},
    },
};

use super::{
    super::{operate, output::show, user::find},
    actor, name,
};
use crate::failure::Failure;

#[derive(Args)]
pub(in super::super) struct Assignment {
    /// The name of the role.
    #[arg(value_parser = name)]
    role: RoleName,
    /// The address or the id of the account.
    #[arg(value_name = "ADDRESS_OR_ID")]
    whom: Whom,
}

impl Assignment {
    pub(super) fn grant(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let account = find(operations, &self.whom).await?;
            let roles = &operations.roles;
            if self.role == RoleName::ADMIN {
                roles.make_administrator(account.id, &actor()).await
            } else {
                roles.assign(account.id, &self.role, &actor()).await
            }?;
            show(format_args!("{} has the role {}.", account.email, self.role))
        })
    }

    pub(super) fn revoke(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let account = find(operations, &self.whom).await?;
            operations.roles.revoke(account.id, &self.role, &actor()).await?;
            show(format_args!("{} does not have the role {}.", account.email, self.role))
        })
    }
}

/// Makes sure that a role can be given to an account that is to be made. That of administrators is there
/// for whoever has no other way to begin.
pub(in super::super) async fn be_ready_to_give(
    operations: &Operations,
    role: &RoleName,
) -> Result<(), Failure> {
    let roles = &operations.roles;
    if *role == RoleName::ADMIN {
        roles.ensure(role).await?;
        return Ok(roles.grant(role, &[Permission::MANAGE_ROLES].into(), &actor()).await?);
    }
    let is_there = roles.all().await?.iter().any(|known| known.name == *role);
    if is_there { Ok(()) } else { Err(Refused::RoleNotFound.into()) }
}
