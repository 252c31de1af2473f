//! `fastauth role grant | revoke`

use clap::Args;
use fastauth::{
    Operations,
    domain::{
        administration::Whom,
        identifier::AccountId,
        role::{Refused, RoleName},
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
            give(operations, account.id, &self.role).await?;
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

/// Finds out before anything is done whether [`give`] will find the role.
pub(in super::super) async fn must_be_there(
    operations: &Operations,
    role: &RoleName,
) -> Result<(), Failure> {
    let is_there = operations.roles.all().await?.iter().any(|known| known.name == *role);
    if is_there || *role == RoleName::ADMIN { Ok(()) } else { Err(Refused::RoleNotFound.into()) }
}

/// Gives a role to an account. That of administrators is there for whoever has no other way to begin.
pub(in super::super) async fn give(
    operations: &Operations,
    account: AccountId,
    role: &RoleName,
) -> Result<(), Failure> {
    let roles = &operations.roles;
    Ok(if *role == RoleName::ADMIN {
        roles.make_administrator(account, &actor()).await
    } else {
        roles.assign(account, role, &actor()).await
    }?)
}
