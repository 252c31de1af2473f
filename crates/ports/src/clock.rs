//! The time.

use fastauth_domain::time::Timestamp;

/// Tells the time.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait Clock: Send + Sync {
    /// The present. It may jump, as system clocks do.
    fn now(&self) -> Timestamp;
}
