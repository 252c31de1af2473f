//! The commands of the program.

mod audit;
mod calibrate;
mod config;
mod keys;
mod mail;
mod migrate;
mod openapi;
mod output;
mod role;
mod serve;
mod table;
mod user;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use fastauth::{
    Operations,
    settings::{self, Configuration, Database, Settings},
};

use self::{
    audit::Audit,
    calibrate::Calibrate,
    mail::Mail,
    migrate::Migrate,
    output::{rfc3339, say},
    role::Role,
    user::User,
};
use crate::failure::Failure;

/// What the end of a command tells a program.
const EXIT_CODES: &str = "Exit codes: 0 done; 1 failed; 2 the command line or the settings cannot be \
                          used; 3 not found; 4 refused.";

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
    /// Look at accounts and change them, beside a server that runs.
    #[command(subcommand, after_help = EXIT_CODES)]
    User(User),
    /// Say who may do what.
    #[command(subcommand, after_help = EXIT_CODES)]
    Role(Role),
    /// Look at what has happened.
    #[command(subcommand, after_help = EXIT_CODES)]
    Audit(Audit),
    /// Look after mail.
    #[command(subcommand)]
    Mail(Mail),
    /// Measure what hashing a password costs on this machine, and print the settings that fit.
    Calibrate(Calibrate),
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
            Command::User(command) => user::run(command),
            Command::Role(command) => role::run(&command),
            Command::Audit(command) => audit::run(&command),
            Command::Mail(command) => mail::run(&command),
            Command::Calibrate(command) => command.run(),
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

/// Runs a command on the database that a server has too.
fn operate(
    command: impl AsyncFnOnce(&Operations, &Configuration) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let configuration = configuration()?;
    if matches!(configuration.database, Database::Memory) {
        return Err(Failure::Senseless(
            "DATABASE_URL is memory://, so that accounts are in the memory of the server, where no other \
             program reaches them: name a database"
                .to_owned(),
        ));
    }
    run_async(async {
        let operations = Operations::open(&configuration).await?;
        let done = command(&operations, &configuration).await;
        operations.close().await;
        done
    })
}
