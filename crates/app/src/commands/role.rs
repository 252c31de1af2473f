//! `fastauth role`

mod assignments;
mod definitions;
mod list;

pub(super) use self::assignments::be_ready_to_give;

use clap::Subcommand;
use fastauth::{application::roles::Actor, domain::role::RoleName};

use super::user::operator;
use crate::failure::Failure;

#[derive(Subcommand)]
pub(super) enum Role {
    /// List roles and what they permit.
    List(list::List),
    /// Create a role.
    Create(definitions::Definition),
    /// Delete a role: whoever has it has it no more.
    Delete(definitions::Deletion),
    /// Have a role permit more.
    Permit(definitions::Amendment),
    /// Have a role permit less.
    Forbid(definitions::Amendment),
    /// Give a role to an account. The role `admin` is made if it is not there, and permits to manage roles.
    Grant(assignments::Assignment),
    /// Take a role from an account.
    Revoke(assignments::Assignment),
}

/// Does what was asked for.
pub(super) fn run(command: &Role) -> Result<(), Failure> {
    match command {
        Role::List(command) => command.run(),
        Role::Create(command) => command.create(),
        Role::Delete(command) => command.run(),
        Role::Permit(command) => command.permit(),
        Role::Forbid(command) => command.forbid(),
        Role::Grant(command) => command.grant(),
        Role::Revoke(command) => command.revoke(),
    }
}

/// Whoever types commands.
pub(super) fn actor() -> Actor {
    Actor { account: None, visitor: operator() }
}

pub(super) fn name(text: &str) -> Result<RoleName, String> {
    RoleName::parse(text).map_err(|error| error.to_string())
}
