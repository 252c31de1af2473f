//! `fastauth role create | delete | permit | forbid`

use clap::Args;
use fastauth::domain::role::{Permission, Role, RoleName};

use super::{
    super::{operate, output::say},
    actor, name,
};
use crate::failure::Failure;

#[derive(Args)]
pub(in super::super) struct Definition {
    /// The name of the role.
    #[arg(value_parser = name)]
    role: RoleName,
    /// What it permits, as in `posts:publish`.
    #[arg(value_name = "PERMISSION", value_parser = permission)]
    permissions: Vec<Permission>,
}

#[derive(Args)]
pub(in super::super) struct Amendment {
    /// The name of the role.
    #[arg(value_parser = name)]
    role: RoleName,
    /// What is concerned, as in `posts:publish`.
    #[arg(value_name = "PERMISSION", value_parser = permission, required = true)]
    permissions: Vec<Permission>,
}

#[derive(Args)]
pub(in super::super) struct Deletion {
    /// The name of the role.
    #[arg(value_parser = name)]
    role: RoleName,
}

fn permission(text: &str) -> Result<Permission, String> {
    Permission::parse(text).map_err(|error| error.to_string())
}

impl Definition {
    pub(super) fn create(&self) -> Result<(), Failure> {
        let permissions = self.permissions.iter().cloned().collect();
        let role = Role { name: self.role.clone(), permissions };
        operate(async |operations, _| {
            operations.roles.create(&role, &actor()).await?;
            say(format_args!("There is a role {}.", self.role))
        })
    }
}

impl Amendment {
    pub(super) fn permit(&self) -> Result<(), Failure> {
        let permissions = self.permissions.iter().cloned().collect();
        operate(async |operations, _| {
            operations.roles.grant(&self.role, &permissions, &actor()).await?;
            say(format_args!("The role {} permits it.", self.role))
        })
    }

    pub(super) fn forbid(&self) -> Result<(), Failure> {
        let permissions = self.permissions.iter().cloned().collect();
        operate(async |operations, _| {
            operations.roles.withdraw(&self.role, &permissions, &actor()).await?;
            say(format_args!("The role {} does not permit it.", self.role))
        })
    }
}

impl Deletion {
    pub(super) fn run(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            operations.roles.delete(&self.role, &actor()).await?;
            say(format_args!("There is no role {}.", self.role))
        })
    }
}
