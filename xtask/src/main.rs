//! Chores of this repository: `cargo xtask --help`.

#![expect(clippy::print_stdout, reason = "a chore tells what it did")]

mod bench;
mod ci;
mod docs;
mod fuzz;
mod layers;
mod run;
mod services;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What went wrong, as sentences for a person.
type Failure = Box<dyn std::error::Error>;

/// Chores of this repository.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Run every test, on every database server that is installed. Needs nothing but Rust.
    Test,
    /// Run the database servers that are installed, until Ctrl-C.
    Services {
        /// Run them only for this command, which finds their URLs in its environment.
        #[arg(last = true)]
        command: Vec<String>,
    },
    /// Keep one server until the input ends.
    #[command(hide = true)]
    Keep { server: String, room: services::Room },
    /// Check that dependencies point the way they should.
    Layers,
    /// Check what no compiler checks: file lengths, names, links.
    Tidy,
    /// Write the generated reference pages.
    Docs,
    /// Measure the release build against floors taken in the same run.
    Bench(bench::Options),
    /// Try inputs that nobody thought of on whatever reads those of strangers. Needs a C++ compiler.
    Fuzz(fuzz::Options),
    /// Run everything that a change must pass.
    Ci,
}

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(code) => code,
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<ExitCode, Failure> {
    match chore {
        Chore::Test => test::run()?,
        Chore::Services { command } => return services::run(&command),
        Chore::Keep { server, room } => services::keep(&server, room)?,
        Chore::Layers => layers::run()?,
        Chore::Tidy => tidy::run()?,
        Chore::Docs => docs::run()?,
        Chore::Bench(options) => bench::run(&options)?,
        Chore::Fuzz(options) => fuzz::run(&options)?,
        Chore::Ci => ci::run()?,
    }
    Ok(ExitCode::SUCCESS)
}
