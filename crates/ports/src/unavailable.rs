//! The one failure that every port shares.

use std::{error::Error, time::Duration};

/// Something outside the program did not answer, or had no room. Nothing is known to have happened,
/// and trying again later may help. The cause is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
#[error("temporarily unavailable: {cause}")]
pub struct Unavailable {
    cause: Box<dyn Error + Send + Sync>,
    retry_after: Duration,
}

impl Unavailable {
    /// A failure with its cause; worth trying again in a second.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: cause.into(), retry_after: Duration::from_secs(1) }
    }

    /// The same failure, worth trying again after this long.
    #[must_use]
    pub fn retry_after(self, retry_after: Duration) -> Self {
        Self { retry_after, ..self }
    }

    /// After how long it is worth trying again.
    pub const fn retry_in(&self) -> Duration {
        self.retry_after
    }
}
