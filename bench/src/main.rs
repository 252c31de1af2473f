//! Measures the built server over HTTP, against floors taken in the same run: the same hash on all
//! cores without a server around it, and a handler that does nothing.
//!
//! `mail` measures the outbox instead, against a mail server that is spoken to without one, and `storm`
//! what those notice of a storm of logins who are signed in; `timing`, whether the time of an answer tells
//! what the answer does not.
//!
//! With `--store`, the same load at few users and at many instead, against the bare database driver.
//!
//! Figures of one machine and one minute mean little; the ratios are what to look at. Floors and
//! measurements alternate, and each ratio is the median of its rounds.

mod client;
mod crowd;
mod database;
mod draw;
mod empty_handler;
mod floor;
mod hash_floor;
mod load;
mod mail;
mod memory_server;
mod people;
mod progress;
mod report;
mod rows;
mod scale;
mod scale_report;
mod server;
mod storm;
mod suite;
mod timing;
mod visitors;

use std::{error::Error, path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};
use fastauth_domain::time::Timestamp;

use crate::{database::Store, people::People, scale::Plan};

type Failure = Box<dyn Error + Send + Sync>;

/// Measures FastAuth on this machine.
#[derive(Parser)]
struct Arguments {
    /// The server to measure.
    #[arg(long, default_value = "target/release/fastauth")]
    server: PathBuf,
    /// Seconds of each measurement of each round.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How often floors and measurements alternate.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Measure on this store, at several numbers of users.
    #[arg(long, value_enum)]
    store: Option<Store>,
    /// Those numbers.
    #[arg(long, value_delimiter = ',', default_value = "1000,1000000", value_parser = clap::value_parser!(u32).range(64..))]
    users: Vec<u32>,
    /// Where the figures are written as JSON.
    #[arg(long, default_value = "target/bench.json")]
    json: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serves nothing, as fast as axum can; the floor of a read.
    #[command(hide = true)]
    EmptyHandler,
    /// Measures how fast the outbox is emptied, on the store or on SQLite.
    Mail {
        /// How many mails are in it.
        #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
        mails: u32,
    },
    /// Measures reads in a storm of logins, on the store or on SQLite.
    Storm {
        /// How many clients try passwords at once.
        #[arg(long, default_value_t = 256)]
        attackers: usize,
        /// How many reads are due each second.
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        reads: u32,
        /// For how many milliseconds a client waits that was turned away. It is told to wait for 2,000.
        #[arg(long, default_value_t = 1_000)]
        pause: u64,
        /// How many connections are open beside, and silent.
        #[arg(long, default_value_t = 0)]
        idle: usize,
    },
    /// Compares the times of answers that are to look alike, on the store or on SQLite.
    Timing {
        /// How often each case is asked for.
        #[arg(long, default_value_t = 300)]
        samples: usize,
        /// Fail if a case is clearly told apart from the first.
        #[arg(long)]
        insist: bool,
    },
    /// Serves FastAuth on memory with people in it.
    #[command(hide = true)]
    MemoryServer { people: usize, until: i64 },
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    match (&arguments.command, arguments.store) {
        (Some(Command::EmptyHandler), _) => empty_handler::serve().await,
        (Some(Command::MemoryServer { people, until }), _) => {
            let until = Timestamp::from_unix_micros(*until);
            memory_server::serve(People::until(until, *people)).await
        }
        (Some(Command::Mail { mails }), store) => {
            let store = store.unwrap_or(Store::Sqlite);
            let rounds = arguments.rounds.max(1);
            let plan = mail::Plan { store, mails: *mails, rounds };
            mail::measure_and_report(&plan, &arguments.json).await
        }
        (Some(Command::Storm { attackers, pause, reads, idle }), store) => {
            let plan = storm::Plan {
                server: &arguments.server,
                store: store.unwrap_or(Store::Sqlite),
                attackers: *attackers,
                pause: Duration::from_millis(*pause),
                reads: *reads,
                idle: *idle,
                length: arguments.length(),
            };
            storm::print(&plan, &storm::measure(&plan).await?)
        }
        (Some(Command::Timing { samples, insist }), store) => {
            let store = store.unwrap_or(Store::Sqlite);
            let plan = timing::Plan { server: &arguments.server, store, samples: *samples };
            let questions = timing::measure(&plan).await?;
            timing::print(&plan, &questions)?;
            if *insist { timing::insist(&questions) } else { Ok(()) }
        }
        (None, Some(store)) => measure_scale(&arguments, store).await,
        (None, None) => measure_suite(&arguments).await,
    }
}

impl Arguments {
    fn length(&self) -> Duration {
        Duration::from_secs(self.seconds.max(1))
    }
}

async fn measure_suite(arguments: &Arguments) -> Result<(), Failure> {
    let rounds = arguments.rounds.max(1);
    let suite = suite::run(&arguments.server, arguments.length(), rounds).await?;
    report::print(&suite)?;
    report::write_json(&suite, &arguments.json)
}

async fn measure_scale(arguments: &Arguments, store: Store) -> Result<(), Failure> {
    let mut sizes: Vec<_> =
        arguments.users.iter().map(|&size| usize::try_from(size)).collect::<Result<_, _>>()?;
    sizes.sort_unstable();
    sizes.dedup();
    let plan = Plan {
        server: &arguments.server,
        store,
        sizes: &sizes,
        length: arguments.length(),
        rounds: arguments.rounds.max(1),
    };
    let scale = scale::run(&plan).await?;
    scale_report::print(&scale)?;
    scale_report::write_json(&scale, &arguments.json)
}
