//! `fastauth mail`

mod outbox;
mod preview;
mod trial;
mod why;

use std::path::PathBuf;

use clap::Subcommand;

use fastauth::domain::email::EmailAddress;

use crate::failure::Failure;

#[derive(Subcommand)]
pub(super) enum Mail {
    /// Look at the outbox, and repair it.
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Write every mail as it would look, in each language, for a browser.
    Preview {
        /// The directory to write to. It is made if it is not there.
        #[arg(long, value_name = "DIRECTORY", default_value = "mail-preview")]
        out: PathBuf,
    },
    /// Send a mail, and tell what the other side said.
    Test {
        /// Whom to.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
    /// Tell why somebody got a mail, or did not.
    Why {
        /// The address.
        address: String,
        /// Let the address get mail again, if it gets none.
        #[arg(long)]
        lift: bool,
    },
}

/// Reads an address that was typed.
fn address(text: &str) -> Result<EmailAddress, Failure> {
    EmailAddress::parse(text).map_err(|error| Failure::Other(format!("{text} is {error}")))
}

/// Does what was asked for.
pub(super) fn run(command: &Mail) -> Result<(), Failure> {
    match command {
        Mail::Outbox(command) => outbox::run(command),
        Mail::Preview { out } => preview::run(out),
        Mail::Test { to } => trial::run(to),
        Mail::Why { address, lift } => why::run(address, *lift),
    }
}
