//! Measures the built server over HTTP, against floors taken in the same run: the same hash on all
//! cores without a server around it, and a handler that does nothing.
//!
//! Figures of one machine and one minute mean little; the ratios are what to look at. Floors and
//! measurements alternate, and each ratio is the median of its rounds.

mod client;
mod empty_handler;
mod hash_floor;
mod load;
mod report;
mod server;
mod suite;

use std::{error::Error, path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};

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
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    if let Some(Command::EmptyHandler) = arguments.command {
        return empty_handler::serve().await;
    }
    let length = Duration::from_secs(arguments.seconds.max(1));
    let suite = suite::run(&arguments.server, length, arguments.rounds.max(1)).await?;
    report::print(&suite)?;
    report::write_json(&suite, &arguments.json)?;
    Ok(())
}
