//! Reading sessions.

use async_trait::async_trait;
use fastauth_domain::{
    identifier::{AccountId, SessionId},
    session::{Session, SignedIn},
};

use crate::unavailable::Unavailable;

/// Finds sessions. What was committed before the call is seen.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReadSessions: Send + Sync {
    /// The session of this name with its account, whether alive or ended; one query.
    async fn session(&self, id: SessionId) -> Result<Option<SignedIn>, Unavailable>;

    /// At most so many of the sessions that an account has or had, those that were opened last.
    async fn sessions_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<Session>, Unavailable>;
}
