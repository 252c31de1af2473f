//! `fastauth user`

mod account;
mod create;
mod delete;
mod disable;
mod enable;
mod list;
mod password;
mod revoke;
mod sessions;
mod show;

use clap::Subcommand;
use fastauth::{
    Operations,
    application::administration::AdministrationError,
    domain::{
        account::Account,
        administration::Whom,
        visitor::{DeviceName, Origin, UserAgent, Visitor},
    },
};

use crate::failure::Failure;

#[derive(Subcommand)]
pub(super) enum User {
    /// Make an account.
    Create(create::Create),
    /// List accounts, the oldest first.
    List(list::List),
    /// Show an account.
    Show(show::Show),
    /// Close an account: its sessions end at once, and its owner is told by mail.
    Disable(disable::Disable),
    /// Open a closed account again.
    Enable(enable::Enable),
    /// Remove everything about a person for good.
    Delete(delete::Delete),
    /// List where somebody is signed in.
    Sessions(sessions::Sessions),
    /// End the sessions of an account, or one of them.
    Revoke(revoke::Revoke),
}

/// Does what was asked for.
pub(super) fn run(command: User) -> Result<(), Failure> {
    match command {
        User::Create(command) => command.run(),
        User::List(command) => command.run(),
        User::Show(command) => command.run(),
        User::Disable(command) => command.run(),
        User::Enable(command) => command.run(),
        User::Delete(command) => command.run(),
        User::Sessions(command) => command.run(),
        User::Revoke(command) => command.run(),
    }
}

/// Finds the account that is meant.
pub(super) async fn find(operations: &Operations, whom: &Whom) -> Result<Account, Failure> {
    operations.administration.find(whom).await.map_err(|error| match error {
        AdministrationError::AccountNotFound(_) => {
            Failure::NotFound(format!("there is no account {whom}"))
        }
        other => other.into(),
    })
}

/// Whoever types commands, as the audit trail is told of them.
pub(super) fn operator() -> Visitor {
    let origin = Origin {
        address: None,
        user_agent: UserAgent::of(concat!("fastauth/", env!("CARGO_PKG_VERSION"))),
        device: DeviceName::of("fastauth command line"),
    };
    Visitor { language: None, origin }
}
