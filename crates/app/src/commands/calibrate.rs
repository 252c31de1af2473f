//! `fastauth calibrate`

use std::{
    num::NonZero,
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use fastauth::{
    argon2::{Argon2Hasher, Parameters, Peppers},
    domain::password::PresentedPassword,
    ports::passwords::{HashPasswords, Turn},
};

use super::{output::say, run_async, table::Table};
use crate::failure::Failure;

/// Memory in KiB and passes, the cheapest first: the least that OWASP recommends, and more.
const CHOICES: [(u32, u32); 7] =
    [(19_456, 2), (32_768, 2), (65_536, 2), (65_536, 3), (131_072, 3), (262_144, 3), (262_144, 5)];
/// How often each is measured.
const ROUNDS: usize = 5;

#[derive(Args)]
pub(super) struct Calibrate {
    /// How long hashing a password may take, in milliseconds.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 100, value_parser = clap::value_parser!(u64).range(10..=1_000))]
    target: u64,
}

/// What a choice costs on this machine.
struct Cost {
    memory_kib: u32,
    iterations: u32,
    time: Duration,
}

impl Calibrate {
    /// Measures choices until one takes too long, and prints the dearest that does not.
    pub(super) fn run(&self) -> Result<(), Failure> {
        run_async(async {
            let target = Duration::from_millis(self.target);
            let mut costs = Vec::new();
            for (memory_kib, iterations) in CHOICES {
                let time = time(memory_kib, iterations).await?;
                costs.push(Cost { memory_kib, iterations, time });
                if time > target {
                    break;
                }
            }
            table(&costs).print()?;
            let fitting = costs.iter().rev().find(|cost| cost.time <= target);
            match fitting {
                Some(cost) => {
                    say(format_args!("\nWithin {} ms:\n\n{}", self.target, settings(cost)))
                }
                None => say(format_args!(
                    "\nNothing that is safe fits into {} ms here. Stay with the least:\n\n{}",
                    self.target,
                    costs.first().map(settings).unwrap_or_default()
                )),
            }
        })
    }
}

/// How long a hash takes on one thread: the median of a few, after one that does not count.
async fn time(memory_kib: u32, iterations: u32) -> Result<Duration, Failure> {
    let parameters = Parameters::new(memory_kib, iterations, 1).map_err(failed)?;
    let (peppers, one) = (Peppers::default(), NonZero::<usize>::MIN);
    let hasher = Argon2Hasher::start_with(&parameters, &peppers, one).map_err(failed)?;
    let password = PresentedPassword::new(&"correct horse battery staple".into());
    hasher.verify(&password, None, &Turn::free()).await?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        hasher.verify(&password, None, &Turn::free()).await?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Ok(times.get(ROUNDS / 2).copied().unwrap_or_default())
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Other(error.to_string())
}

fn table(costs: &[Cost]) -> Table<4> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let cores = u32::try_from(cores).unwrap_or(u32::MAX);
    let row = |cost: &Cost| {
        [
            cost.memory_kib.to_string(),
            cost.iterations.to_string(),
            format!("{:.0}", cost.time.as_secs_f64() * 1_000.0),
            format!("{:.0}", f64::from(cores) / cost.time.as_secs_f64()),
        ]
    };
    Table::new(["MEMORY KIB", "ITERATIONS", "MS", "LOGINS/S AT MOST"]).with(costs.iter().map(row))
}

fn settings(cost: &Cost) -> String {
    let Cost { memory_kib, iterations, .. } = cost;
    format!("ARGON2_MEMORY_KIB={memory_kib}\nARGON2_ITERATIONS={iterations}\nARGON2_PARALLELISM=1")
}
