//! Sending the mail of the outbox: at least once each, never after its link has expired.

use std::{pin::pin, sync::Arc, time::Duration};

use fastauth_domain::{
    delivery::{Cause, Reason, State},
    mail::Mail,
    time::Timestamp,
};
use fastauth_ports::{
    deliveries::ReadDeliveries,
    mail::{ClaimMail, ClaimedMail, NotSent, SendMail, Settlement},
    unavailable::Unavailable,
};
use futures_util::{
    future::join_all,
    stream::{FuturesUnordered, StreamExt},
};

use crate::{
    bell::Bell,
    budget::{Allowance, Budget},
    letters::Letters,
    metrics,
    moments::Moments,
};

/// How many mails are sent at a time. One that is claimed is sent at once, so that a relay that is
/// killed leaves no more behind than these.
const AT_A_TIME: usize = 16;
/// How much room for more is worth asking the outbox.
const ROOM: usize = AT_A_TIME / 2;
/// How long a claimed mail is left to its sender. It must be sent within that.
const LEASE: Duration = Duration::from_mins(5);
/// How often the outbox is looked at when nobody rings.
const POLL: Duration = Duration::from_secs(5);
/// The longest wait between two attempts.
const LONGEST_DELAY: Duration = Duration::from_hours(1);
/// How long a mail without a link is worth sending.
const WORTH: Duration = Duration::from_hours(24);

/// Sends the mail of the outbox. Safe to run in every instance: a mail is claimed by one at a time.
pub struct MailRelay {
    /// Hands out the mail.
    pub outbox: Arc<dyn ClaimMail>,
    /// Sends it.
    pub transport: Arc<dyn SendMail>,
    /// Writes what it says.
    pub letters: Letters,
    /// Knows who gets no mail.
    pub deliveries: Arc<dyn ReadDeliveries>,
    /// Knows how much goes to strangers.
    pub budget: Budget,
    /// Tells the time, and spreads repeated attempts over it.
    pub moments: Moments,
    /// Tells that there is mail.
    pub bell: Bell,
}

impl MailRelay {
    /// Sends mail as it comes, for ever. Whoever drops this leaves mail behind that was claimed and
    /// is not due before its lease ends.
    pub async fn run(&self) {
        self.run_until(std::future::pending()).await;
    }

    /// Sends mail as it comes until it is told to stop, and then finishes what it has begun, and what
    /// is due by then.
    pub async fn run_until(&self, told_to_stop: impl Future<Output = ()>) {
        let mut told_to_stop = pin!(told_to_stop);
        let mut sending = FuturesUnordered::new();
        loop {
            let room = AT_A_TIME - sending.len();
            let claimed = meanwhile(&mut sending, self.claim(room)).await;
            let claimed = claimed.unwrap_or_else(|error| {
                tracing::error!(%error, "the outbox cannot be read");
                Vec::new()
            });
            let there_may_be_more = !claimed.is_empty();
            sending.extend(claimed.into_iter().map(|claimed| self.send(claimed)));
            let is_time = async {
                if there_may_be_more {
                    until_there_is_room(&mut sending).await;
                } else {
                    meanwhile(&mut sending, self.wait()).await;
                }
            };
            tokio::select! {
                biased;
                () = &mut told_to_stop => break,
                () = is_time => {}
            }
        }
        while let Some(sent) = sending.next().await {
            report(sent);
        }
        if let Err(error) = self.deliver_due().await {
            tracing::error!(%error, "mail is left in the outbox");
        }
    }

    async fn wait(&self) {
        // Rung or not, look again.
        let _ = tokio::time::timeout(POLL, self.bell.mail()).await;
    }

    /// Sends what is due now, no more than at a time, and says how many mails were handled.
    pub async fn deliver_due(&self) -> Result<usize, Unavailable> {
        let claimed = self.claim(AT_A_TIME).await?;
        let count = claimed.len();
        // All of them, also when one cannot be settled: what was sent must be known to be.
        let sent = join_all(claimed.into_iter().map(|claimed| self.send(claimed))).await;
        sent.into_iter().collect::<Result<(), _>>()?;
        Ok(count)
    }

    async fn claim(&self, room: usize) -> Result<Vec<ClaimedMail>, Unavailable> {
        let limit = u32::try_from(room).unwrap_or(u32::MAX);
        self.outbox.claim(self.moments.clock.now(), LEASE, limit).await
    }

    /// Sends a mail, and settles it as soon as it is known what became of it.
    async fn send(&self, claimed: ClaimedMail) -> Result<(), Unavailable> {
        let settlement = self.deliver(&claimed).await;
        let outcome = metrics::outcome(&settlement);
        self.outbox.settle(claimed.mail.id, settlement).await?;
        metrics::count_mail(outcome);
        Ok(())
    }

    async fn deliver(&self, claimed: &ClaimedMail) -> Settlement {
        let ClaimedMail { mail, attempt } = claimed;
        let (topic, now) = (mail.message.topic(), self.moments.clock.now());
        let done = |state, reason| Settlement::Done { state, reason, at: now };
        if now >= worthless_at(mail) {
            tracing::warn!(mail = %mail.id, topic, "mail dropped: it could not be sent in time");
            return done(State::Expired, None);
        }
        match self.hand_over(mail).await {
            Ok(HandOver::Taken(answer)) => {
                tracing::debug!(mail = %mail.id, topic, "mail sent");
                done(State::HandedOver, answer)
            }
            Ok(HandOver::Suppressed(cause)) => {
                tracing::info!(mail = %mail.id, topic, "mail not sent: its recipient is suppressed");
                done(State::Suppressed, Some(Reason::new(cause.name())))
            }
            Ok(HandOver::Postponed(until)) => Settlement::Postpone { until },
            Ok(HandOver::Withheld) => {
                tracing::warn!(mail = %mail.id, topic, "mail withheld: too much goes to strangers");
                done(State::Withheld, None)
            }
            Err(NotSent::Temporary(error)) => {
                tracing::warn!(mail = %mail.id, topic, attempt, %error, "mail not sent");
                let reason = Some(Reason::new(&error.to_string()));
                Settlement::Retry { at: now.plus(self.delay(*attempt, error.retry_in())), reason }
            }
            Err(NotSent::Permanent(reason)) => {
                tracing::warn!(mail = %mail.id, topic, attempt, reason, "mail refused for good");
                done(State::Refused, Some(Reason::new(&reason)))
            }
        }
    }

    /// Sends a mail, unless its recipient gets none.
    async fn hand_over(&self, mail: &Mail) -> Result<HandOver, NotSent> {
        if let Some(suppression) = self.deliveries.suppression(mail.to.key()).await? {
            return Ok(HandOver::Suppressed(suppression.cause));
        }
        match self.budget.allow(mail, self.moments.clock.now()).await? {
            Allowance::Now => {}
            Allowance::Later(until) => return Ok(HandOver::Postponed(until)),
            Allowance::Never => return Ok(HandOver::Withheld),
        }
        Ok(HandOver::Taken(self.transport.send(&self.letters.write(mail)?).await?))
    }

    /// Twice as long after each failure, from a second up, and somewhat different each time, so that
    /// what failed at once is not tried again at once. Whoever asked for more than that is left alone
    /// for as long, up to the longest wait.
    fn delay(&self, attempt: u32, asked: Duration) -> Duration {
        let whole = Duration::from_secs(1 << attempt.saturating_sub(1).min(16)).min(LONGEST_DELAY);
        let [byte, ..] = self.moments.randomness.seed().unwrap_or_default();
        let least = if asked > whole { asked.min(LONGEST_DELAY) } else { whole / 2 };
        least + whole * u32::from(byte) / 510
    }
}

/// Goes on sending until something else is done.
async fn meanwhile<S: Future<Output = Result<(), Unavailable>>, T>(
    sending: &mut FuturesUnordered<S>,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            Some(sent) = sending.next() => report(sent),
        }
    }
}

/// Goes on sending until there is room for more.
async fn until_there_is_room<S: Future<Output = Result<(), Unavailable>>>(
    sending: &mut FuturesUnordered<S>,
) {
    while sending.len() > AT_A_TIME - ROOM
        && let Some(sent) = sending.next().await
    {
        report(sent);
    }
}

/// A mail that was sent and could not be settled is sent again when its lease ends.
fn report(sent: Result<(), Unavailable>) {
    if let Err(error) = sent {
        tracing::error!(%error, "what became of a mail cannot be stored");
    }
}

/// What became of a mail, if nothing failed.
enum HandOver {
    /// It was taken, with these words.
    Taken(Option<Reason>),
    /// Its recipient gets no mail.
    Suppressed(Cause),
    /// Too much goes to strangers, until then.
    Postponed(Timestamp),
    /// Too much went to strangers for too long.
    Withheld,
}

/// From when on a mail is not worth sending.
fn worthless_at(mail: &Mail) -> Timestamp {
    mail.message.link().map_or(mail.created_at.plus(WORTH), |link| link.expires_at)
}
