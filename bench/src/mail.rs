//! How fast the outbox is emptied: by one relay and by two, into a transport that takes mail at once
//! and into a mail server, against sending the same mails to that server without an outbox.

mod direct;
mod mails;
mod outbox;
mod report;
mod server;
mod tally;

use std::{path::Path, sync::Arc, time::Duration};

use fastauth::ports::mail::SendMail;

pub(crate) use self::report::{print, write_json};
use self::{
    mails::Mails,
    outbox::Outbox,
    server::MailServer,
    tally::{AcceptAll, Tally},
};
use crate::{Failure, database::Store, progress::Progress};

/// What is measured.
pub(crate) struct Plan {
    pub(crate) store: Store,
    pub(crate) mails: u32,
    pub(crate) rounds: usize,
}

/// How mail gets to where it is handed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the mail server, without an outbox: the floor.
    Direct,
    /// From the outbox to the mail server, by so many relays.
    ToServer(usize),
    /// From the outbox to a transport that takes it at once, by so many relays.
    AtOnce(usize),
}

/// What one measurement has shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) per_second: f64,
    /// How many mails more were handed over than there were.
    pub(crate) repeated: usize,
}

/// A way, round by round.
pub(crate) struct Series {
    pub(crate) way: Way,
    pub(crate) rounds: Vec<Sent>,
}

/// All that was measured.
pub(crate) struct Measurement {
    pub(crate) store: Store,
    pub(crate) mails: u32,
    pub(crate) series: Vec<Series>,
}

/// Measures each way in turns. An outbox is filled anew for each.
pub(crate) async fn run(plan: &Plan) -> Result<Measurement, Failure> {
    let mails = Mails::new(plan.mails).await?;
    let ways = [Way::Direct, Way::ToServer(1), Way::ToServer(2), Way::AtOnce(1), Way::AtOnce(2)];
    let mut series: Vec<_> =
        ways.into_iter().map(|way| Series { way, rounds: Vec::new() }).collect();
    let (all, mut done) = (ways.len() * plan.rounds, 0);
    let mut progress = Progress::of("measuring", all);
    for _ in 0..plan.rounds {
        for Series { way, rounds } in &mut series {
            rounds.push(measure(plan.store, *way, &mails).await?);
            done += 1;
            progress.at(done);
        }
    }
    Ok(Measurement { store: plan.store, mails: plan.mails, series })
}

async fn measure(store: Store, way: Way, mails: &Mails) -> Result<Sent, Failure> {
    let tally = Arc::new(Tally::of(mails.count()));
    let server = match way {
        Way::AtOnce(_) => None,
        Way::Direct | Way::ToServer(_) => Some(MailServer::start().await?),
    };
    let transport = || -> Result<Arc<dyn SendMail>, Failure> {
        Ok(match &server {
            Some(server) => Arc::new(tally.counting(server.mailer()?)),
            None => Arc::new(tally.counting(AcceptAll)),
        })
    };
    let elapsed = match way {
        Way::Direct => direct::send(mails, transport()?).await?,
        Way::ToServer(relays) | Way::AtOnce(relays) => {
            let outbox = Outbox::fill(store, mails).await?;
            let transports: Result<Vec<_>, _> = (0..relays).map(|_| transport()).collect();
            outbox.empty(transports?, &tally).await?
        }
    };
    let repeated = tally.repeated()?;
    if let Some(server) = server {
        server.check(mails.count(), repeated).await?;
    }
    let count = u32::try_from(mails.count())?;
    Ok(Sent { per_second: f64::from(count) / elapsed.as_secs_f64(), repeated })
}

/// For whom it takes longer than this, something is wrong.
const PATIENCE: Duration = Duration::from_mins(10);

/// Prints the table, and writes the figures.
pub(crate) async fn measure_and_report(plan: &Plan, json: &Path) -> Result<(), Failure> {
    let measurement = run(plan).await?;
    print(&measurement)?;
    write_json(&measurement, json)
}
