//! `fastauth user delete`

use std::io::{BufRead, Write, stderr, stdin};

use clap::Args;
use fastauth::domain::{account::Account, administration::Whom, email::EmailAddress};

use super::{
    super::{operate, output::show},
    find, operator,
};
use crate::{failure::Failure, printable::printable};

#[derive(Args)]
pub(in super::super) struct Delete {
    /// The address or the id of the account.
    #[arg(value_name = "ADDRESS_OR_ID")]
    whom: Whom,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

impl Delete {
    pub(super) fn run(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let account = find(operations, &self.whom).await?;
            if !self.yes {
                confirm(&account)?;
            }
            operations.administration.delete(account.id, &operator()).await?;
            show(format_args!("Everything about {} is removed.", account.email))
        })
    }
}

/// Has the address typed, so that nobody is removed by a slip.
fn confirm(account: &Account) -> Result<(), Failure> {
    let email = printable(account.email.as_typed());
    write!(stderr(), "Everything about {email} is removed for good. Type the address to go on: ")?;
    let mut typed = String::new();
    stdin().lock().read_line(&mut typed)?;
    match EmailAddress::parse(typed.trim()) {
        Ok(address) if address.key() == account.email.key() => Ok(()),
        Ok(_) | Err(_) => {
            Err(Failure::Refused("that is not the address, and nothing is removed".to_owned()))
        }
    }
}
