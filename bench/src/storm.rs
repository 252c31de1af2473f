//! A storm of logins, and what those notice of it who are signed in.
//!
//! The storm is a closed loop: each client tries the next password as soon as it has an answer. Reads
//! come at a fixed rate, whatever the server does, and each is timed from when it was due: one that has to
//! wait for the one before is as late as its user finds it (no coordinated omission).

mod attackers;
mod readers;
mod report;

use std::{path::Path, time::Duration};

use tokio::net::TcpStream;

pub(crate) use self::report::print;
use self::{attackers::Tried, readers::Reads};
use crate::{
    Failure, crowd,
    database::{Database, Store},
    hash_floor,
    people::SECRET_KEY,
    server::Server,
};

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
    /// Hashes per second of all cores, without a server.
    pub(crate) floor: f64,
    pub(crate) memory_before_mib: Option<u64>,
    pub(crate) peak_memory_mib: Option<u64>,
}

/// Measures the floor, the quiet and the storm, each for as long.
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
    let floor = tokio::task::spawn_blocking(move || hash_floor::measure(length)).await??;
    let people = crowd::registered(server.port, READERS).await?;
    let silent = silent(server.port, plan.idle).await?;
    let memory_before_mib = server.memory_mib();
    let (quiet, people) = readers::read(people, plan.reads, length).await?;
    let storm = tokio::spawn(attackers::attack(server.port, plan.attackers, plan.pause, length));
    let (reads, _) = readers::read(people, plan.reads, length).await?;
    let tried = storm.await??;
    drop(silent);
    let peak_memory_mib = server.peak_memory_mib();
    Ok(Storm { quiet, reads, tried, floor, memory_before_mib, peak_memory_mib })
}

/// Connections that nothing is sent on.
async fn silent(port: u16, count: usize) -> Result<Vec<TcpStream>, Failure> {
    let mut open = Vec::with_capacity(count);
    for _ in 0..count {
        open.push(TcpStream::connect(("127.0.0.1", port)).await?);
    }
    Ok(open)
}
