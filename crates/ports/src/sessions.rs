//! Reading sessions.

use async_trait::async_trait;
use fastauth_domain::{identifier::SessionId, session::SignedIn};

use crate::unavailable::Unavailable;

/// Finds sessions. What was committed before the call is seen.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReadSessions: Send + Sync {
    /// The session of this name with its account, whether alive or ended; one query.
    async fn session(&self, id: SessionId) -> Result<Option<SignedIn>, Unavailable>;
}
