//! Hashing passwords, with a count of how that goes.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use fastauth_domain::{
    password::{NewPassword, PasswordHash, PresentedPassword},
    visitor::Origin,
};
use fastauth_ports::{
    passwords::{HashPasswords, Match, Turn},
    unavailable::Unavailable,
};

use crate::metrics::{self, WaitOutcome};

/// Counts what is asked of a hasher: it is what an attack wears out first.
pub struct CountedPasswords {
    /// Does the hashing.
    pub passwords: Arc<dyn HashPasswords>,
}

#[async_trait]
impl HashPasswords for CountedPasswords {
    async fn turn(&self, asked_from: &Origin) -> Result<Turn, Unavailable> {
        let mut waiting = Waiting::begin();
        let turn = self.passwords.turn(asked_from).await;
        waiting.outcome = if turn.is_ok() { WaitOutcome::Served } else { WaitOutcome::Refused };
        turn
    }

    fn has_room(&self, asked_from: &Origin) -> Result<(), Unavailable> {
        self.passwords.has_room(asked_from).inspect_err(|_| metrics::turned_away())
    }

    async fn hash(&self, password: &NewPassword, turn: &Turn) -> Result<PasswordHash, Unavailable> {
        timed(self.passwords.hash(password, turn)).await
    }

    async fn renew(
        &self,
        password: &PresentedPassword,
        turn: &Turn,
    ) -> Result<PasswordHash, Unavailable> {
        timed(self.passwords.renew(password, turn)).await
    }

    async fn verify<'a>(
        &self,
        password: &PresentedPassword,
        stored: Option<&'a PasswordHash>,
        turn: &Turn,
    ) -> Result<Match, Unavailable> {
        timed(self.passwords.verify(password, stored, turn)).await
    }
}

async fn timed<T>(hashing: impl Future<Output = Result<T, Unavailable>>) -> Result<T, Unavailable> {
    let begun = Instant::now();
    let hashed = hashing.await;
    if hashed.is_ok() {
        metrics::hashed(begun.elapsed());
    }
    hashed
}

/// Somebody waits for a turn. Dropped when they have it, or when they have gone away.
struct Waiting {
    since: Instant,
    outcome: WaitOutcome,
}

impl Waiting {
    fn begin() -> Self {
        metrics::wait_begins();
        Self { since: Instant::now(), outcome: WaitOutcome::Left }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        metrics::wait_ends(self.outcome, self.since.elapsed());
    }
}
