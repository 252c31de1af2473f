//! What is measured, in which order.

use std::{path::Path, time::Duration};

use crate::{
    Failure,
    crowd::{self, Work},
    hash_floor,
    load::{Measured, measure},
    server::Server,
};

/// Connections that wait for a hash: enough to keep every core busy.
const HASHING: usize = 8;
/// Connections that do not.
const READING: usize = 16;

/// A measurement with the floor that was taken beside it, once per round.
pub(crate) struct Series {
    pub(crate) name: &'static str,
    pub(crate) floor: Floor,
    pub(crate) rounds: Vec<(f64, Measured)>,
}

/// What a measurement is held against.
#[derive(Clone, Copy)]
pub(crate) enum Floor {
    Argon2,
    EmptyHandler,
}

impl Floor {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Argon2 => "argon2 on all cores",
            Self::EmptyHandler => "empty axum handler",
        }
    }
}

pub(crate) struct Suite {
    pub(crate) series: Vec<Series>,
    pub(crate) peak_memory_mib: Option<u64>,
}

pub(crate) async fn run(server: &Path, length: Duration, rounds: usize) -> Result<Suite, Failure> {
    let fastauth = Server::fastauth(server, &[]).await?;
    let empty = Server::of_this_program(&["empty-handler"])?;
    let mut hashing = crowd::registered(fastauth.port, HASHING).await?;
    let mut reading = crowd::registered(fastauth.port, READING).await?;
    let mut strangers = crowd::strangers(empty.port, READING).await?;
    let mut logins = Series::new("logins", Floor::Argon2);
    let mut registrations = Series::new("registrations", Floor::Argon2);
    let mut refreshes = Series::new("refreshes", Floor::EmptyHandler);
    let mut reads = Series::new("GET /auth/me", Floor::EmptyHandler);
    for _ in 0..rounds {
        let floor = tokio::task::spawn_blocking(move || hash_floor::measure(length)).await??;
        logins.rounds.push((floor, measure(&mut hashing, Work::Login, length).await?));
        registrations.rounds.push((floor, measure(&mut hashing, Work::Register, length).await?));
        let floor = measure(&mut strangers, Work::Nothing, length).await?.per_second;
        refreshes.rounds.push((floor, measure(&mut reading, Work::Refresh, length).await?));
        reads.rounds.push((floor, measure(&mut reading, Work::Me, length).await?));
    }
    let series = vec![logins, registrations, refreshes, reads];
    Ok(Suite { series, peak_memory_mib: fastauth.peak_memory_mib() })
}

impl Series {
    const fn new(name: &'static str, floor: Floor) -> Self {
        Self { name, floor, rounds: Vec::new() }
    }

    /// The round whose ratio to its floor is the median of all.
    pub(crate) fn median(&self) -> Option<(f64, f64, &Measured)> {
        let mut rounds: Vec<_> = self
            .rounds
            .iter()
            .map(|(floor, measured)| (measured.per_second / floor, *floor, measured))
            .collect();
        rounds.sort_by(|one, other| one.0.total_cmp(&other.0));
        rounds.get(rounds.len() / 2).copied()
    }
}
