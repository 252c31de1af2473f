//! `fastauth role list`

use clap::Args;
use fastauth::domain::role::Role;
use serde::Serialize;

use super::super::{
    operate,
    output::{say, say_json},
    table::Table,
};
use crate::failure::Failure;

#[derive(Args)]
pub(in super::super) struct List {
    /// Print a JSON document per line.
    #[arg(long)]
    json: bool,
}

/// A role for programs.
#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    permissions: Vec<String>,
}

impl List {
    pub(super) fn run(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let roles = operations.roles.all().await?;
            if self.json {
                return roles.iter().try_for_each(|role| say_json(&Shown::from(role)));
            }
            if roles.is_empty() {
                return say("There are no roles.");
            }
            let row =
                |role: &Role| [role.name.to_string(), Shown::from(role).permissions.join(" ")];
            Table::new(["ROLE", "PERMISSIONS"]).with(roles.iter().map(row)).print()
        })
    }
}

impl<'a> From<&'a Role> for Shown<'a> {
    fn from(role: &'a Role) -> Self {
        let permissions = role.permissions.iter().map(ToString::to_string).collect();
        Self { name: role.name.as_str(), permissions }
    }
}
