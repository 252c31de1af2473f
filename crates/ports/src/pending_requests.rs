//! Reading what strangers have asked for.

use async_trait::async_trait;
use fastauth_domain::{email::EmailKey, identifier::RequestId, pending_request::PendingRequest};

use crate::unavailable::Unavailable;

/// Finds pending requests. What was committed before the call is seen.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReadPendingRequests: Send + Sync {
    /// At most `limit` requests that nobody has attended to, the oldest first, beginning after one; none
    /// if there are no more. Nobody is kept from reading the same ones: the commit that settles one
    /// decides who has attended to it.
    async fn pending(
        &self,
        after: Option<RequestId>,
        limit: u32,
    ) -> Result<Vec<PendingRequest>, Unavailable>;

    /// The oldest of those that want an account with this address.
    async fn pending_registration(
        &self,
        address: &EmailKey,
    ) -> Result<Option<PendingRequest>, Unavailable>;
}
