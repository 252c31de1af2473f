//! The `fastauth` program.

mod commands;
mod failure;
mod listening;
mod log;
mod server;
mod shutdown;
mod watched;

use std::{io::Write, process::ExitCode};

use clap::Parser;

fn main() -> ExitCode {
    match commands::Program::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            for sentence in failure.sentences() {
                // Without standard error there is nobody to tell.
                let _ = writeln!(std::io::stderr(), "fastauth: {sentence}");
            }
            failure.exit_code()
        }
    }
}
