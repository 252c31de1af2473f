//! Counting what clients ask for, before anything is done for them.

use std::sync::Arc;

use fastauth_domain::{
    email::EmailKey,
    limit::{Bucket, Rate, Request, TooManyAttempts},
    visitor::Visitor,
};
use fastauth_ports::{clock::Clock, limits::LimitAttempts, unavailable::Unavailable};

/// Limits what clients may ask for.
#[derive(Clone)]
pub struct RequestLimit {
    /// Does the counting.
    pub limits: Arc<dyn LimitAttempts>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// How often one client network may ask. `None` is no limit.
    pub per_client: Option<Rate>,
    /// How many links may be asked for by mail to one address. `None` is no limit.
    pub per_mailbox: Option<Rate>,
}

/// Why a request is not attended to.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// The client is to wait.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl RequestLimit {
    /// Counts a request of a client. One whose address is not known is not limited.
    pub(crate) async fn admit(&self, request: Request, by: &Visitor) -> Result<(), LimitError> {
        let Some((rate, client)) = self.per_client.zip(by.origin.network()) else { return Ok(()) };
        let (bucket, now) = (Bucket::of_client(request, &client, rate), self.clock.now());
        Ok(self.limits.attempt(&[bucket], now).await?.map_err(|reached| reached.at(now))?)
    }

    /// Counts a link that somebody wants mailed to an address, and says whether there is room for it.
    /// If there is not, the link that was mailed last is not replaced, and works on: nobody can keep
    /// the owner from getting one by asking for more.
    pub(crate) async fn has_room(
        &self,
        request: Request,
        address: &EmailKey,
    ) -> Result<bool, Unavailable> {
        let Some(rate) = self.per_mailbox else { return Ok(true) };
        let bucket = Bucket::of_mailbox(request, address, rate);
        Ok(self.limits.attempt(&[bucket], self.clock.now()).await?.is_ok())
    }
}
