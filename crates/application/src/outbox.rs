//! Sending the mail of the outbox: at least once each, never after its link has expired.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use fastauth_domain::{
    change::{Change, Changes},
    time::Timestamp,
};
use fastauth_ports::{
    clock::Clock,
    commit::{Commit, CommitError},
    mail::{ClaimMail, ClaimedMail, SendMail, Settlement},
    unavailable::Unavailable,
};
use tokio::sync::Notify;

use crate::letters::Letters;

/// How many mails are claimed at a time.
const BATCH: u32 = 16;
/// How long a claimed mail is left to its sender. A batch must be sent within it.
const LEASE: Duration = Duration::from_mins(5);
/// How often the outbox is looked at when nobody rings.
const POLL: Duration = Duration::from_secs(5);
/// The longest wait between two attempts.
const LONGEST_DELAY: Duration = Duration::from_hours(1);
/// How long a mail without a link is worth sending.
const WORTH: Duration = Duration::from_hours(24);

/// Rung when mail was put into the outbox of this instance, so that it is sent at once.
#[derive(Clone, Debug, Default)]
pub struct Bell(Arc<Notify>);

/// A store that rings when it has committed mail.
pub struct RingingStore {
    /// Does the committing.
    pub store: Arc<dyn Commit>,
    /// What it rings.
    pub bell: Bell,
}

#[async_trait]
impl Commit for RingingStore {
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError> {
        self.store.commit(changes).await?;
        if changes.iter().any(|change| matches!(change, Change::Mail(_))) {
            self.bell.0.notify_one();
        }
        Ok(())
    }
}

/// Sends the mail of the outbox. Safe to run in every instance: a mail is claimed by one at a time.
pub struct MailRelay {
    /// Hands out the mail.
    pub outbox: Arc<dyn ClaimMail>,
    /// Sends it.
    pub transport: Arc<dyn SendMail>,
    /// Writes what it says.
    pub letters: Letters,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Tells that there is mail.
    pub bell: Bell,
}

impl MailRelay {
    /// Sends mail as it comes, for ever. To stop, drop the future: what was claimed and not settled
    /// is due again when its lease ends.
    pub async fn run(&self) {
        loop {
            match self.deliver_due().await {
                Ok(0) => self.wait().await,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    self.wait().await;
                }
            }
        }
    }

    async fn wait(&self) {
        // Rung or not, look again.
        let _ = tokio::time::timeout(POLL, self.bell.0.notified()).await;
    }

    /// Sends what is due now, one batch at most, and says how many mails were handled.
    pub async fn deliver_due(&self) -> Result<usize, Unavailable> {
        let claimed = self.outbox.claim(self.clock.now(), LEASE, BATCH).await?;
        for claim in &claimed {
            let settlement = self.deliver(claim).await;
            self.outbox.settle(claim.mail.id, settlement).await?;
        }
        Ok(claimed.len())
    }

    async fn deliver(&self, ClaimedMail { mail, attempt }: &ClaimedMail) -> Settlement {
        let topic = mail.message.topic();
        let now = self.clock.now();
        let worthless_at =
            mail.message.link().map_or(mail.created_at.plus(WORTH), |link| link.expires_at);
        if now >= worthless_at {
            tracing::warn!(mail = %mail.id, topic, "mail dropped: it could not be sent in time");
            return Settlement::Done;
        }
        match self.transport.send(&self.letters.write(mail)).await {
            Ok(()) => {
                tracing::debug!(mail = %mail.id, topic, "mail sent");
                Settlement::Done
            }
            Err(error) => {
                tracing::warn!(mail = %mail.id, topic, attempt, %error, "mail not sent");
                Settlement::Retry(next_attempt(now, *attempt))
            }
        }
    }
}

/// Twice as long after each failure, from a second up.
fn next_attempt(now: Timestamp, attempt: u32) -> Timestamp {
    let delay = Duration::from_secs(1 << attempt.saturating_sub(1).min(16));
    now.plus(delay.min(LONGEST_DELAY))
}
