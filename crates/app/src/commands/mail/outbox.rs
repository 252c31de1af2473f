//! `fastauth mail outbox`

use clap::{Subcommand, ValueEnum};
use fastauth::{
    Operations,
    application::deliveries::Deliveries,
    domain::{
        delivery::{Delivery, State},
        identifier::MailId,
    },
};

use super::super::{configuration, rfc3339, run_async, say};
use crate::failure::Failure;

#[derive(Subcommand)]
pub(crate) enum Outbox {
    /// List mails, the oldest first, 100 at most.
    List {
        /// How far they have come.
        #[arg(long, value_enum, default_value_t = Shown::Queued)]
        state: Shown,
    },
    /// Send a mail again that was refused, for instance.
    Retry {
        /// Its id, as the list has it.
        id: MailId,
    },
    /// Forget a mail.
    Drop {
        /// Its id, as the list has it.
        id: MailId,
    },
}

/// The states to choose from.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Shown {
    Queued,
    HandedOver,
    Delivered,
    Bounced,
    Complained,
    Refused,
    Expired,
    Suppressed,
    Withheld,
}

impl From<Shown> for State {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::Queued => Self::Queued,
            Shown::HandedOver => Self::HandedOver,
            Shown::Delivered => Self::Delivered,
            Shown::Bounced => Self::Bounced,
            Shown::Complained => Self::Complained,
            Shown::Refused => Self::Refused,
            Shown::Expired => Self::Expired,
            Shown::Suppressed => Self::Suppressed,
            Shown::Withheld => Self::Withheld,
        }
    }
}

pub(super) fn run(command: &Outbox) -> Result<(), Failure> {
    let configuration = configuration()?;
    run_async(async {
        let operations = Operations::open(&configuration).await?;
        let deliveries = &operations.deliveries;
        match command {
            Outbox::List { state } => list(deliveries, (*state).into()).await?,
            Outbox::Retry { id } => {
                said_of(deliveries.retry(*id).await?, "It is due now.")?;
            }
            Outbox::Drop { id } => {
                said_of(deliveries.forget(*id).await?, "It is forgotten.")?;
            }
        }
        operations.close().await;
        Ok(())
    })
}

async fn list(deliveries: &Deliveries, state: State) -> Result<(), Failure> {
    let found = deliveries.list(state).await?;
    if found.is_empty() {
        return say(format_args!("No mail is {}.", state.name()));
    }
    found.iter().try_for_each(|delivery| say(line(delivery)))
}

/// A mail in one line.
pub(super) fn line(delivery: &Delivery) -> String {
    let reason = delivery.reason.as_ref().map(|reason| format!("  ({})", reason.as_str()));
    format!(
        "{}  {}  {:<11} {:<18} {}  attempts: {}{}",
        delivery.mail,
        rfc3339(delivery.created_at),
        delivery.state.name(),
        delivery.topic,
        delivery.to,
        delivery.attempts,
        reason.unwrap_or_default()
    )
}

fn said_of(found: bool, done: &str) -> Result<(), Failure> {
    if found { say(done) } else { Err(Failure::Other("there is no mail of this id".to_owned())) }
}
