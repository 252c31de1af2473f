//! The commands of the program.

mod config;
mod keys;
mod mail;
mod migrate;
mod openapi;
mod serve;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use fastauth::{
    domain::time::Timestamp,
    settings::{self, Configuration, Settings},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use self::{mail::Mail, migrate::Migrate};
use crate::failure::Failure;

/// Authentication done completely.
#[derive(Parser)]
#[command(version, about, after_long_help = settings::plain_text())]
pub(crate) struct Program {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve (what happens without a command).
    Serve,
    /// Bring the database to what this version needs, or tell how far it is.
    Migrate {
        #[command(subcommand)]
        command: Option<Migrate>,
    },
    /// Make secrets.
    #[command(subcommand)]
    Keys(Keys),
    /// Look after mail.
    #[command(subcommand)]
    Mail(Mail),
    /// Look at the settings.
    #[command(subcommand)]
    Config(Config),
    /// Print the OpenAPI document.
    Openapi,
    /// Print the version.
    Version,
}

#[derive(Subcommand)]
enum Keys {
    /// Draw a secret for `SECRET_KEY` and print it.
    Generate {
        /// Keep it in this new file, for `SECRET_KEY_FILE`, instead of printing it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Config {
    /// Check the settings, and print what counts and where it comes from, without secrets.
    Check,
    /// Print the reference page of the settings.
    #[command(hide = true)]
    Reference,
    /// Print the reference page of the problems that are answered.
    #[command(hide = true)]
    Problems,
}

impl Program {
    /// Does what was asked for.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(),
            Command::Migrate { command } => migrate::run(&command.unwrap_or(Migrate::Up)),
            Command::Keys(Keys::Generate { out }) => keys::generate(out),
            Command::Config(Config::Check) => config::check(),
            Command::Config(Config::Reference) => say(settings::markdown().trim_end()),
            Command::Config(Config::Problems) => {
                say(fastauth::http::problem::reference().trim_end())
            }
            Command::Mail(command) => mail::run(&command),
            Command::Openapi => openapi::run(),
            Command::Version => say(concat!("fastauth ", env!("CARGO_PKG_VERSION"))),
        }
    }
}

/// The settings that the program finds in the folder in which it was started.
fn settings() -> Settings {
    Settings::load(Path::new("."))
}

/// Those settings, understood, with the log started as they say.
fn configuration() -> Result<Configuration, Failure> {
    let configuration = settings().resolve()?;
    crate::log::start(&configuration);
    Ok(configuration)
}

/// Runs a command that waits for things.
fn run_async(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Runtime::new()?.block_on(command)
}

/// A point in time, to the second (RFC 3339).
fn rfc3339(at: Timestamp) -> String {
    let time = OffsetDateTime::from_unix_timestamp(at.unix_micros() / 1_000_000).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

/// Prints a line.
fn say(line: impl std::fmt::Display) -> Result<(), Failure> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{line}")
        .map_err(|error| Failure::Other(format!("standard output cannot be written: {error}")))
}
