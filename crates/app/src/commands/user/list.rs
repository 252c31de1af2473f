//! `fastauth user list`

use clap::Args;
use fastauth::domain::{
    account::{Account, DisplayName},
    identifier::AccountId,
};

use super::{
    super::{
        operate,
        output::{rfc3339, say, say_json},
        table::{Table, or_dash},
    },
    account::Shown,
};
use crate::failure::Failure;

#[derive(Args)]
pub(in super::super) struct List {
    /// Show the accounts after the one of this id: the last of the page before.
    #[arg(long, value_name = "ID")]
    after: Option<AccountId>,
    /// How many to show at most.
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Print a JSON document per line.
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn run(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let accounts = operations.administration.list(self.after, self.limit).await?;
            if self.json {
                return accounts.iter().try_for_each(|account| say_json(&Shown::from(account)));
            }
            self.print(&accounts)
        })
    }

    fn print(&self, accounts: &[Account]) -> Result<(), Failure> {
        let Some(last) = accounts.last() else {
            let further = if self.after.is_some() { "further " } else { "" };
            return say(format_args!("There are no {further}accounts."));
        };
        Table::new(["ID", "EMAIL", "STATE", "VERIFIED", "CREATED", "LAST LOGIN", "NAME"])
            .with(accounts.iter().map(row))
            .print()?;
        if accounts.len() == self.limit as usize {
            say(format_args!("There may be more: add --after {}", last.id))?;
        }
        Ok(())
    }
}

fn row(account: &Account) -> [String; 7] {
    [
        account.id.to_string(),
        account.email.as_typed().to_owned(),
        if account.disabled_at.is_some() { "disabled" } else { "active" }.to_owned(),
        if account.verified_at.is_some() { "yes" } else { "no" }.to_owned(),
        rfc3339(account.created_at),
        or_dash(account.last_login.map(rfc3339)),
        or_dash(account.name.as_ref().map(DisplayName::as_str)),
    ]
}
