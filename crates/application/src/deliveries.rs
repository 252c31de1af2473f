//! What becomes of mail after it was sent: taking the provider's notices, and telling why somebody got
//! no mail.

use std::{sync::Arc, time::Duration};

use fastauth_domain::{
    change::{Change, Changes},
    delivery::{self, Delivery, Notice, State, Suppression},
    email::EmailAddress,
    identifier::MailId,
};
use fastauth_ports::{
    commit::{Commit, CommitError},
    deliveries::{ReadDeliveries, RepairOutbox},
    mail::{Backlog, ClaimMail},
    unavailable::Unavailable,
};

use crate::moments::Moments;

/// How many mails are shown of an address, or of a state, at most.
const SHOWN: u32 = 100;

/// Follows mail.
pub struct Deliveries {
    /// Tells what has become of it.
    pub reads: Arc<dyn ReadDeliveries>,
    /// Knows how much of it waits.
    pub queue: Arc<dyn ClaimMail>,
    /// Puts it back into the queue, and takes it out.
    pub outbox: Arc<dyn RepairOutbox>,
    /// Writes what the provider tells.
    pub store: Arc<dyn Commit>,
    /// Tells the time.
    pub moments: Moments,
}

/// Everything that explains why an address got a mail, or did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailHistory {
    /// Why it gets no mail, if it gets none.
    pub suppression: Option<Suppression>,
    /// Its mails, the newest first.
    pub deliveries: Vec<Delivery>,
}

/// How much mail waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailBacklog {
    /// How many mails, those included that are being sent.
    pub waiting: u64,
    /// For how long the oldest of them has been waiting.
    pub age: Option<Duration>,
}

impl Deliveries {
    /// Tells how much mail waits.
    pub async fn backlog(&self) -> Result<MailBacklog, Unavailable> {
        let Backlog { waiting, oldest } = self.queue.backlog().await?;
        let age = oldest.map(|oldest| self.moments.clock.now().since(oldest));
        Ok(MailBacklog { waiting, age })
    }

    /// Takes what the provider tells of a mail. What is not news, or about a mail that is not ours,
    /// changes nothing.
    pub async fn receive(&self, notice: Notice) -> Result<(), Unavailable> {
        let found = self.reads.delivery(notice.mail).await?;
        let changes = delivery::receive(found.as_ref(), notice, self.moments.clock.now());
        self.commit(changes).await
    }

    /// Explains why an address got a mail, or did not.
    pub async fn history(&self, address: &EmailAddress) -> Result<MailHistory, Unavailable> {
        let suppression = self.reads.suppression(address.key()).await?;
        let deliveries = self.reads.deliveries_to(address.key(), SHOWN).await?;
        Ok(MailHistory { suppression, deliveries })
    }

    /// The mails in a state, those that came into the outbox first.
    pub async fn list(&self, state: State) -> Result<Vec<Delivery>, Unavailable> {
        self.reads.deliveries_in(state, SHOWN).await
    }

    /// Lets an address get mail again.
    pub async fn lift(&self, address: &EmailAddress) -> Result<(), Unavailable> {
        self.commit(vec![delivery::Change::Lift(address.key().clone())]).await
    }

    /// Sends a mail again, as soon as a relay gets to it. `false` if there is no such mail.
    pub async fn retry(&self, id: MailId) -> Result<bool, Unavailable> {
        self.outbox.requeue(id, self.moments.clock.now()).await
    }

    /// Forgets a mail. `false` if there is no such mail.
    pub async fn forget(&self, id: MailId) -> Result<bool, Unavailable> {
        self.outbox.forget(id).await
    }

    async fn commit(&self, changes: Vec<delivery::Change>) -> Result<(), Unavailable> {
        let changes = changes.into_iter().map(Change::from).fold(Changes::default(), Changes::with);
        match self.store.commit(&changes).await {
            Ok(()) => Ok(()),
            Err(CommitError::Unavailable(error)) => Err(error),
            // None of these changes expects anything.
            Err(CommitError::Conflict(conflict)) => Err(Unavailable::new(conflict)),
        }
    }
}
