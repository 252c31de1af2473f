//! Those who try passwords.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::{task::JoinSet, time::sleep};

use super::latencies::Latencies;
use crate::{Failure, client::Connection};

/// What became of their attempts.
#[derive(Default)]
pub(crate) struct Tried {
    /// Passwords that were compared.
    pub(crate) compared: Latencies,
    /// Attempts that were turned away.
    pub(crate) shed: Latencies,
    pub(crate) seconds: f64,
}

/// So many at once, for so long; whoever is turned away waits for a while.
pub(crate) async fn attack(
    port: u16,
    count: usize,
    pause: Duration,
    length: Duration,
) -> Result<Tried, Failure> {
    let started = Instant::now();
    let mut attackers = JoinSet::new();
    for number in 0..count {
        attackers.spawn(try_passwords(port, (number, count), pause, started, length));
    }
    let mut all = Tried::default();
    while let Some(tried) = attackers.join_next().await {
        let Tried { compared, shed, .. } = tried??;
        all.compared.join(compared);
        all.shed.join(shed);
    }
    Ok(Tried { seconds: started.elapsed().as_secs_f64(), ..all })
}

async fn try_passwords(
    port: u16,
    (number, count): (usize, usize),
    pause: Duration,
    started: Instant,
    length: Duration,
) -> Result<Tried, Failure> {
    let mut connection = Connection::open(port).await?;
    // Strangers do not come in step.
    sleep(pause * u32::try_from(number)? / u32::try_from(count)?).await;
    let body = json!({ "email": format!("stranger{number}@example.com"), "password": "a guess" });
    let mut tried = Tried::default();
    while started.elapsed() < length {
        let asked = Instant::now();
        match connection.post("/auth/login", &body).await?.status {
            401 => tried.compared.add(asked.elapsed()),
            503 => {
                tried.shed.add(asked.elapsed());
                sleep(pause).await;
            }
            status => return Err(format!("a guess was answered {status}").into()),
        }
    }
    Ok(tried)
}
