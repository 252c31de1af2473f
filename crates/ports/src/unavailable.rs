//! The one failure that every port shares.

use std::{error::Error, time::Duration};

/// Something outside the program did not answer, or had no room. Nothing is known to have happened,
/// and trying again later may help. The cause is for the log, never for a client.
#[derive(Debug, thiserror::Error)]
#[error("temporarily unavailable: {cause}")]
pub struct Unavailable {
    cause: Box<dyn Error + Send + Sync>,
    retry_after: Duration,
    is_busy: bool,
}

impl Unavailable {
    /// A failure with its cause; worth trying again in a second.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: cause.into(), retry_after: Duration::from_secs(1), is_busy: false }
    }

    /// There is too much to do, and nothing is broken.
    pub fn busy(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { is_busy: true, ..Self::new(cause) }
    }

    /// The same failure, worth trying again after this long.
    #[must_use]
    pub fn retry_after(self, retry_after: Duration) -> Self {
        Self { retry_after, ..self }
    }

    /// Whether there is only too much to do: then it is as it should be that somebody is turned away.
    pub const fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// After how long it is worth trying again.
    pub const fn retry_in(&self) -> Duration {
        self.retry_after
    }
}
