//! `fastauth audit tail`

use std::time::Duration;

use clap::Args;
use fastauth::{
    Operations,
    application::audit::Follower,
    domain::{administration::Whom, audit::Event, identifier::AccountId},
};

use super::{
    super::{
        operate,
        output::{say_json, show},
        user::find,
    },
    event::{Shown, line},
};
use crate::{failure::Failure, shutdown::StopSignals};

/// How often is looked for new events.
const INTERVAL: Duration = Duration::from_secs(1);

#[derive(Args)]
pub(in super::super) struct Tail {
    /// How many events to show at most.
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    lines: u32,
    /// Show what concerns this account alone.
    #[arg(long, value_name = "ADDRESS_OR_ID")]
    account: Option<Whom>,
    /// Go on with what happens from now on, until Ctrl-C.
    #[arg(short, long)]
    follow: bool,
    /// Print a JSON document per line.
    #[arg(long)]
    json: bool,
}

impl Tail {
    pub(super) fn run(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let account = self.account(operations).await?;
            if !self.follow {
                return self.print(&self.latest(operations, account).await?);
            }
            let mut signals = StopSignals::listen()?;
            tokio::select! {
                failure = self.follow(operations, account) => failure,
                () = signals.next() => Ok(()),
            }
        })
    }

    /// Whose events to show. Those of an account that is gone are asked for by its id.
    async fn account(&self, operations: &Operations) -> Result<Option<AccountId>, Failure> {
        Ok(match &self.account {
            Some(Whom::Id(id)) => Some(*id),
            Some(whom) => Some(find(operations, whom).await?.id),
            None => None,
        })
    }

    async fn latest(
        &self,
        operations: &Operations,
        account: Option<AccountId>,
    ) -> Result<Vec<Event>, Failure> {
        Ok(match account {
            Some(account) => operations.audit.latest_about(account, self.lines).await?,
            None => operations.audit.latest(self.lines).await?,
        })
    }

    async fn follow(
        &self,
        operations: &Operations,
        account: Option<AccountId>,
    ) -> Result<(), Failure> {
        // Before the first events are read, so that nothing is missed between the two.
        let mut follower: Follower = operations.follow_audit().await?;
        let latest = self.latest(operations, account).await?;
        follower.skip(&latest);
        self.print(&latest)?;
        loop {
            tokio::time::sleep(INTERVAL).await;
            let mut news = follower.news().await?;
            news.retain(|event| account.is_none() || event.account == account);
            self.print(&news)?;
        }
    }

    fn print(&self, events: &[Event]) -> Result<(), Failure> {
        events.iter().try_for_each(|event| {
            if self.json { say_json(&Shown::from(event)) } else { show(line(event)) }
        })
    }
}
