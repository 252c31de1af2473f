//! Hashing passwords, with a count of how that goes.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use fastauth_domain::{
    password::{NewPassword, PasswordHash, PresentedPassword},
    visitor::Origin,
};
use fastauth_ports::{
    passwords::{HashPasswords, Match},
    unavailable::Unavailable,
};

use crate::metrics::{self, HashOutcome};

/// Counts what is asked of a hasher: it is what an attack wears out first.
pub struct CountedPasswords {
    /// Does the hashing.
    pub passwords: Arc<dyn HashPasswords>,
}

#[async_trait]
impl HashPasswords for CountedPasswords {
    async fn hash(
        &self,
        password: &NewPassword,
        asked_from: &Origin,
    ) -> Result<PasswordHash, Unavailable> {
        count(self.passwords.hash(password, asked_from)).await
    }

    async fn renew(
        &self,
        password: &PresentedPassword,
        asked_from: &Origin,
    ) -> Result<PasswordHash, Unavailable> {
        count(self.passwords.renew(password, asked_from)).await
    }

    async fn verify<'a>(
        &self,
        password: &PresentedPassword,
        stored: Option<&'a PasswordHash>,
        asked_from: &Origin,
    ) -> Result<Match, Unavailable> {
        count(self.passwords.verify(password, stored, asked_from)).await
    }
}

async fn count<T>(hashing: impl Future<Output = Result<T, Unavailable>>) -> Result<T, Unavailable> {
    let mut asked = Asked::now();
    let hashed = hashing.await;
    asked.outcome = if hashed.is_ok() { HashOutcome::Done } else { HashOutcome::Refused };
    hashed
}

/// Somebody waits for a hash. Dropped with the answer, or when they have gone away.
struct Asked {
    since: Instant,
    outcome: HashOutcome,
}

impl Asked {
    fn now() -> Self {
        metrics::hash_asked();
        Self { since: Instant::now(), outcome: HashOutcome::Abandoned }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        metrics::hash_answered(self.outcome, self.since.elapsed());
    }
}
