//! `fastauth user revoke`

use clap::Args;
use fastauth::domain::{administration::Whom, identifier::SessionId};

use super::{
    super::{
        operate,
        output::{say, show},
    },
    find, operator,
};
use crate::failure::Failure;

#[derive(Args)]
pub(in super::super) struct Revoke {
    /// The address or the id of the account.
    #[arg(value_name = "ADDRESS_OR_ID")]
    whom: Whom,
    /// End this one alone.
    #[arg(long, value_name = "ID")]
    session: Option<SessionId>,
}

impl Revoke {
    pub(super) fn run(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let account = find(operations, &self.whom).await?;
            let revocations = &operations.revocations;
            if let Some(session) = self.session {
                revocations.revoke(account.id, session, &operator()).await?;
                say("The session has ended.")
            } else {
                revocations.revoke_all(account.id, None, &operator()).await?;
                show(format_args!("{} is signed in nowhere any more.", account.email))
            }
        })
    }
}
