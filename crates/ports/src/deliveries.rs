//! What has become of mail, and who gets none.

use async_trait::async_trait;
use fastauth_domain::{
    delivery::{Delivery, State, Suppression},
    email::EmailKey,
    identifier::MailId,
    time::Timestamp,
};

use crate::unavailable::Unavailable;

/// Tells what has become of mail.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReadDeliveries: Send + Sync {
    /// A mail.
    async fn delivery(&self, id: MailId) -> Result<Option<Delivery>, Unavailable>;

    /// The newest mails to an address, at most `limit`.
    async fn deliveries_to(
        &self,
        address: &EmailKey,
        limit: u32,
    ) -> Result<Vec<Delivery>, Unavailable>;

    /// The mails in a state, at most `limit`: of those that wait, the first to be sent; of the others,
    /// the oldest.
    async fn deliveries_in(&self, state: State, limit: u32) -> Result<Vec<Delivery>, Unavailable>;

    /// Why an address gets no mail, if it gets none.
    async fn suppression(&self, address: &EmailKey) -> Result<Option<Suppression>, Unavailable>;
}

/// Puts mail back into the queue, and takes it out.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RepairOutbox: Send + Sync {
    /// Makes a mail due now, as if it had never been tried. `false` if there is no such mail.
    async fn requeue(&self, id: MailId, now: Timestamp) -> Result<bool, Unavailable>;

    /// Forgets a mail. `false` if there is no such mail.
    async fn forget(&self, id: MailId) -> Result<bool, Unavailable>;
}
