//! `fastauth user enable`

use clap::Args;
use fastauth::domain::administration::Whom;

use super::{
    super::{operate, output::show},
    find, operator,
};
use crate::failure::Failure;

#[derive(Args)]
pub(in super::super) struct Enable {
    /// The address or the id of the account.
    #[arg(value_name = "ADDRESS_OR_ID")]
    whom: Whom,
}

impl Enable {
    pub(super) fn run(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let account = find(operations, &self.whom).await?;
            operations.administration.enable(account.id, &operator()).await?;
            show(format_args!("{} may sign in.", account.email))
        })
    }
}
