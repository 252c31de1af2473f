//! The `fastauth` program.

mod commands;
mod connections;
mod failure;
mod listening;
mod log;
mod patience;
mod places;
mod printable;
mod proxy_protocol;
mod server;
mod shutdown;
mod watched;

use std::{io::Write, process::ExitCode};

use clap::Parser;

use crate::printable::printable;

fn main() -> ExitCode {
    match commands::Program::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            for sentence in failure.sentences() {
                // Without standard error there is nobody to tell.
                let _ = writeln!(std::io::stderr(), "fastauth: {}", printable(&sentence));
            }
            failure.exit_code()
        }
    }
}
