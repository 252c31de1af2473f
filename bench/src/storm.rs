//! A storm of logins, and what those notice of it who are signed in.
//!
//! The storm is a closed loop: each client tries the next password as soon as it has an answer. Reads
//! come at a fixed rate, whatever the server does, and each is timed from when it was due: one that has to
//! wait for the one before is as late as its user finds it (no coordinated omission).

mod attackers;
mod latencies;
mod metronome;
mod readers;
mod report;

use std::{path::Path, time::Duration};

use tokio::{net::TcpStream, time::sleep};

pub(crate) use self::report::print;
use self::{attackers::Tried, readers::Reads};
use crate::{
    Failure, crowd,
    database::{Database, Store},
    hash_floor,
    people::SECRET_KEY,
    server::Server,
};

/// How long after the storm memory is looked at again.
const CALM: Duration = Duration::from_mins(1);
/// Connections that reads come on.
const READERS: usize = 32;

/// What is measured.
pub(crate) struct Plan<'a> {
    pub(crate) server: &'a Path,
    pub(crate) store: Store,
    /// How many try passwords at once.
    pub(crate) attackers: usize,
    /// How long one of them waits that was turned away.
    pub(crate) pause: Duration,
    /// How many reads are due each second.
    pub(crate) reads: u32,
    /// How many connections are open beside, and silent.
    pub(crate) idle: usize,
    pub(crate) length: Duration,
}

/// What was measured.
pub(crate) struct Storm {
    /// Before it.
    pub(crate) quiet: Reads,
    /// In it.
    pub(crate) reads: Reads,
    pub(crate) tried: Tried,
    /// Hashes per second of all cores, without anything else: before the storm, and after it.
    pub(crate) floors: [f64; 2],
    pub(crate) memory: Memory,
}

/// What the server had resident of its memory, in MiB, where the system tells.
pub(crate) struct Memory {
    pub(crate) before: Option<u64>,
    pub(crate) peak: Option<u64>,
    pub(crate) after: Option<u64>,
}

/// Measures the floor, the quiet, the storm and the floor again, each for as long.
pub(crate) async fn measure(plan: &Plan<'_>) -> Result<Storm, Failure> {
    let database = Database::create(plan.store, 0).await?;
    let measured = on(plan, &database.url).await;
    database.remove().await?;
    measured
}

async fn on(plan: &Plan<'_>, url: &str) -> Result<Storm, Failure> {
    let most = (plan.idle + plan.attackers + READERS + 64).to_string();
    let settings = [
        ("DATABASE_URL", url),
        ("SECRET_KEY", SECRET_KEY),
        ("MAX_CONNECTIONS", most.as_str()),
        ("MAX_CONNECTIONS_PER_CLIENT", "off"),
    ];
    let server = Server::fastauth(plan.server, &settings).await?;
    let length = plan.length;
    let before = floor(length).await?;
    let people = crowd::registered(server.port, READERS).await?;
    let silent = silent(server.port, plan.idle).await?;
    let memory_before = server.memory_mib();
    let (quiet, people) = readers::read(people, plan.reads, length).await?;
    let storm = tokio::spawn(attackers::attack(server.port, plan.attackers, plan.pause, length));
    let (reads, _) = readers::read(people, plan.reads, length).await?;
    let tried = storm.await??;
    let after = floor(length).await?;
    sleep(CALM.saturating_sub(length)).await;
    let (peak, memory_after) = (server.peak_memory_mib(), server.memory_mib());
    drop(silent);
    let memory = Memory { before: memory_before, peak, after: memory_after };
    Ok(Storm { quiet, reads, tried, floors: [before, after], memory })
}

async fn floor(length: Duration) -> Result<f64, Failure> {
    tokio::task::spawn_blocking(move || hash_floor::measure(length)).await?
}

/// Connections that nothing is sent on.
async fn silent(port: u16, count: usize) -> Result<Vec<TcpStream>, Failure> {
    let mut open = Vec::with_capacity(count);
    for _ in 0..count {
        open.push(TcpStream::connect(("127.0.0.1", port)).await?);
    }
    Ok(open)
}
