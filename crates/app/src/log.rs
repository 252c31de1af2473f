//! The log, on standard error: standard output is for what was asked for.

use std::io::{IsTerminal, stderr};

use fastauth::settings::{Configuration, LogFormat};
use tracing_subscriber::EnvFilter;

/// Writes the log as it is configured, from now on.
pub(crate) fn start(configuration: &Configuration) {
    let filter = EnvFilter::new(&configuration.log);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    match configuration.log_format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().init(),
    }
}
