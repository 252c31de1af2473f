//! The log, on standard error: standard output is for what was asked for.

use std::io::{IsTerminal, stderr};

use fastauth::settings::{Configuration, LogFormat};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt::layer,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};

/// Writes the log as it is configured, from now on.
pub(crate) fn start(configuration: &Configuration) {
    let filter = EnvFilter::new(&configuration.log).and(filter_fn(may_be_told));
    let lines = layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    match configuration.log_format {
        LogFormat::Text => registry().with(lines.with_filter(filter)).init(),
        LogFormat::Json => registry().with(lines.json().with_filter(filter)).init(),
    }
}

/// Not what AWS's libraries tell at the last level, which is whole requests, and with them the links
/// in mails.
fn may_be_told(metadata: &Metadata<'_>) -> bool {
    *metadata.level() < Level::TRACE || !metadata.target().starts_with("aws")
}
