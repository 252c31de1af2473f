//! Removing what is of no use any more.

use async_trait::async_trait;
use fastauth_domain::{retention::Remains, time::Timestamp};

use crate::unavailable::Unavailable;

/// Removes what has been kept for long enough. Any number of instances may do so at once.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RemoveRemains: Send + Sync {
    /// Removes at most `limit` remains of one sort that came to their end at `horizon` or before it,
    /// and says how many this caller removed.
    ///
    /// It is decided as they are removed whether they have: a session that is used meanwhile, or a
    /// token that is issued anew, stays. 0 means that there are no more, or that other callers have
    /// removed those that were found; whoever goes on until then leaves nothing that is not being
    /// removed by somebody else.
    async fn remove(
        &self,
        remains: Remains,
        horizon: Timestamp,
        limit: u32,
    ) -> Result<u64, Unavailable>;

    /// Forgets where at most `limit` audit events came from that happened at `horizon` or before it, and
    /// says of how many this caller did. The events stay. 0 means the same as above.
    async fn forget_origins(&self, horizon: Timestamp, limit: u32) -> Result<u64, Unavailable>;
}
