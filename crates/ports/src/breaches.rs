//! Passwords that are known from breaches.

use async_trait::async_trait;
use fastauth_domain::{breaches::Finding, password::NewPassword};

use crate::unavailable::Unavailable;

/// Searches breaches for passwords.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SearchBreaches: Send + Sync {
    /// Searches for exactly this password, once, and answers or gives up within about a second:
    /// somebody waits. What leaves the process must not do to tell the password or whose it is, and
    /// neither may a failure.
    async fn search(&self, password: &NewPassword) -> Result<Finding, Unavailable>;
}
