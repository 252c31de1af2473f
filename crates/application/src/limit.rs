//! Counting what clients ask for, before anything is done for them.

use std::sync::Arc;

use fastauth_domain::{
    change::Changes,
    email::EmailKey,
    limit::{Bucket, Change, Rate, Request, TooManyAttempts},
    visitor::Visitor,
};
use fastauth_ports::{
    clock::Clock, commit::Commit, limits::LimitAttempts, unavailable::Unavailable,
};

use crate::bell::Bell;

/// Limits what clients may ask for.
#[derive(Clone)]
pub struct RequestLimit {
    /// Does the counting.
    pub limits: Arc<dyn LimitAttempts>,
    /// Takes requests back.
    pub store: Arc<dyn Commit>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Tells whether what is kept is attended to in time.
    pub bell: Bell,
    /// How often one client network may ask. `None` is no limit.
    pub per_client: Option<Rate>,
    /// How many mails of the sort that is asked for may go to one address. `None` is no limit.
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

/// A request that was counted, for as long as it is not known what comes of it.
#[derive(Debug)]
#[must_use = "a request of which nothing comes is to be given back"]
pub(crate) struct Counted(Option<Bucket>);

impl RequestLimit {
    /// Counts a link that a client wants mailed to an address, and has the wish for it kept if there is
    /// room in that mailbox. Where keeping it fails, nothing was asked for.
    pub(crate) async fn link(
        &self,
        request: Request,
        address: &EmailKey,
        by: &Visitor,
        keep: impl Future<Output = Result<(), Unavailable>>,
    ) -> Result<(), LimitError> {
        self.bell.admit()?;
        let by_client = self.admit(request, by).await?;
        let kept = self.keep_if_room(request, address, keep).await;
        if kept.is_err() {
            self.give_back(by_client).await;
        }
        Ok(kept?)
    }

    /// Counts a request of a client. One whose address is not known is not limited.
    pub(crate) async fn admit(
        &self,
        request: Request,
        by: &Visitor,
    ) -> Result<Counted, LimitError> {
        let Some((rate, client)) = self.per_client.zip(by.origin.network()) else {
            return Ok(Counted(None));
        };
        let (bucket, now) = (Bucket::of_client(request, &client, rate), self.clock.now());
        let counted = self.limits.attempt(std::slice::from_ref(&bucket), now).await?;
        counted.map_err(|reached| reached.at(now))?;
        Ok(Counted(Some(bucket)))
    }

    /// Takes back a request of which nothing came because something did not answer: whoever comes again
    /// when they are told to is to find room.
    pub(crate) async fn give_back(&self, counted: Counted) {
        let Some(bucket) = counted.0 else { return };
        let changes = Changes::default().with(Change::GiveBack(bucket));
        // Nothing is expected of the store, so that nobody can be faster.
        if let Err(error) = self.store.commit(&changes).await {
            tracing::debug!(%error, "a request that came to nothing stays counted");
        }
    }

    /// Counts a mail to an address, and has the wish for it kept if there is room. If there is not, the
    /// link that was mailed last is not replaced, and works on: nobody can keep the owner from getting
    /// one by asking for more.
    pub(crate) async fn keep_if_room(
        &self,
        request: Request,
        address: &EmailKey,
        keep: impl Future<Output = Result<(), Unavailable>>,
    ) -> Result<(), Unavailable> {
        let bucket = self.per_mailbox.map(|rate| Bucket::of_mailbox(request, address, rate));
        if let Some(bucket) = &bucket {
            let bucket = std::slice::from_ref(bucket);
            if self.limits.attempt(bucket, self.clock.now()).await?.is_err() {
                return Ok(());
            }
        }
        let kept = keep.await;
        if kept.is_err() {
            self.give_back(Counted(bucket)).await;
        }
        kept
    }
}
