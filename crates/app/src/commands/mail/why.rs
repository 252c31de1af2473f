//! `fastauth mail why`

use fastauth::{
    Operations,
    domain::{delivery::Cause, email::EmailAddress},
};

use super::{
    super::{configuration, rfc3339, run_async, say},
    outbox::line,
};
use crate::failure::Failure;

pub(super) fn run(address: &str, lift: bool) -> Result<(), Failure> {
    let address = super::address(address)?;
    let configuration = configuration()?;
    run_async(async {
        let operations = Operations::open(&configuration).await?;
        explain(&operations, &address, lift).await?;
        operations.close().await;
        Ok(())
    })
}

async fn explain(
    operations: &Operations,
    address: &EmailAddress,
    lift: bool,
) -> Result<(), Failure> {
    let history = operations.deliveries.history(address).await?;
    if let Some(suppression) = &history.suppression {
        let why = match suppression.cause {
            Cause::HardBounce => "there is no such mailbox, its mail server says",
            Cause::Complaint => "its owner has complained about a mail",
        };
        say(format_args!(
            "No mail is sent to {address} since {}: {why}.",
            rfc3339(suppression.at)
        ))?;
        if lift {
            operations.deliveries.lift(address).await?;
            say("From now on it gets mail again.")?;
        } else {
            say("To let it get mail again, add --lift.")?;
        }
    }
    if history.deliveries.is_empty() {
        return say(format_args!("No mail to {address} is on record."));
    }
    history.deliveries.iter().try_for_each(|delivery| say(line(delivery)))
}
