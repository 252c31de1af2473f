//! `fastauth user show`

use clap::Args;
use fastauth::domain::{
    account::{Account, DisplayName, ImageUrl},
    administration::Whom,
    role::Rights,
};

use super::{
    super::{
        operate,
        output::{rfc3339, say_json},
        table::{Table, or_dash},
    },
    account::{ShownWithRights, standing},
    find,
};
use crate::failure::Failure;

#[derive(Args)]
pub(in super::super) struct Show {
    /// The address or the id of the account.
    #[arg(value_name = "ADDRESS_OR_ID")]
    whom: Whom,
    /// Print a JSON document.
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) fn run(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let account = find(operations, &self.whom).await?;
            let rights = operations.roles.rights(account.id).await?;
            if self.json {
                say_json(&ShownWithRights::new(&account, &rights))
            } else {
                table(&account, &rights).print()
            }
        })
    }
}

fn table(account: &Account, rights: &Rights) -> Table<2> {
    let roles: Vec<_> = rights.roles.iter().map(ToString::to_string).collect();
    let rows = [
        ("Email", account.email.as_typed().to_owned()),
        ("Name", or_dash(account.name.as_ref().map(DisplayName::as_str))),
        ("Picture", or_dash(account.image.as_ref().map(ImageUrl::as_str))),
        ("State", standing(account)),
        ("Verified", account.verified_at.map_or_else(|| "no".to_owned(), rfc3339)),
        ("Password", if account.password.is_some() { "set" } else { "none" }.to_owned()),
        ("Roles", or_dash((!roles.is_empty()).then(|| roles.join(" ")))),
        ("Created", rfc3339(account.created_at)),
        ("Last login", or_dash(account.last_login.map(rfc3339))),
    ];
    Table::new(["Id", &account.id.to_string()])
        .with(rows.into_iter().map(|(name, text)| [name.to_owned(), text]))
}
