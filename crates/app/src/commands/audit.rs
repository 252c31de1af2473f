//! `fastauth audit`

mod event;
mod tail;

use clap::Subcommand;

use crate::failure::Failure;

#[derive(Subcommand)]
pub(super) enum Audit {
    /// Show what has happened last, the oldest of it first.
    Tail(tail::Tail),
}

/// Does what was asked for.
pub(super) fn run(command: &Audit) -> Result<(), Failure> {
    match command {
        Audit::Tail(command) => command.run(),
    }
}
