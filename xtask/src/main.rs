//! Chores of this repository: `cargo xtask --help`.

#![expect(clippy::print_stdout, reason = "a chore tells what it did")]

mod bench;
mod ci;
mod docs;
mod layers;
mod run;
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
    /// Run every test. Needs nothing but Rust.
    Test,
    /// Check that dependencies point the way they should.
    Layers,
    /// Check what no compiler checks: file lengths, names, links.
    Tidy,
    /// Write the generated reference pages.
    Docs {
        /// Only check that they are up to date.
        #[arg(long)]
        check: bool,
    },
    /// Measure the release build against floors taken in the same run.
    Bench {
        /// Arguments for the benchmark; `-- --help` lists them.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Run everything that a change must pass.
    Ci,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Test => test::run(),
        Chore::Layers => layers::run(),
        Chore::Tidy => tidy::run(),
        Chore::Docs { check } => docs::run(check),
        Chore::Bench { arguments } => bench::run(&arguments),
        Chore::Ci => ci::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}
