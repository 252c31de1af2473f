//! `fastauth mail`

mod outbox;
mod why;

use clap::Subcommand;

use crate::failure::Failure;

#[derive(Subcommand)]
pub(super) enum Mail {
    /// Look at the outbox, and repair it.
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Tell why somebody got a mail, or did not.
    Why {
        /// The address.
        address: String,
        /// Let the address get mail again, if it gets none.
        #[arg(long)]
        lift: bool,
    },
}

/// Does what was asked for.
pub(super) fn run(command: &Mail) -> Result<(), Failure> {
    match command {
        Mail::Outbox(command) => outbox::run(command),
        Mail::Why { address, lift } => why::run(address, *lift),
    }
}
