//! `fastauth user disable`

use clap::Args;
use fastauth::domain::administration::Whom;

use super::{
    super::{operate, output::show},
    find, operator,
};
use crate::failure::Failure;

#[derive(Args)]
pub(in super::super) struct Disable {
    /// The address or the id of the account.
    #[arg(value_name = "ADDRESS_OR_ID")]
    whom: Whom,
}

impl Disable {
    pub(super) fn run(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let account = find(operations, &self.whom).await?;
            operations.administration.disable(account.id, &operator()).await?;
            show(format_args!("{} is disabled, and signed in nowhere.", account.email))
        })
    }
}
