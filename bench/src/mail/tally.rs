//! Counting what is handed over.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use fastauth::{
    domain::{delivery::Reason, identifier::MailId},
    ports::mail::{NotSent, OutgoingMail, SendMail},
};
use tokio::sync::watch;

use crate::Failure;

/// How often each mail was handed over.
pub(crate) struct Tally {
    expected: usize,
    counts: Mutex<HashMap<MailId, usize>>,
    is_complete: watch::Sender<bool>,
}

impl Tally {
    /// Expects so many mails.
    pub(crate) fn of(expected: usize) -> Self {
        Self { expected, counts: Mutex::default(), is_complete: watch::Sender::new(false) }
    }

    /// The same transport, counted.
    pub(crate) fn counting<T: SendMail>(self: &Arc<Self>, transport: T) -> Counted<T> {
        Counted { transport, tally: Arc::clone(self) }
    }

    /// Waits until every mail was handed over once.
    pub(crate) async fn complete(&self) {
        // The sender is there for as long as this is.
        let _ = self.is_complete.subscribe().wait_for(|is_complete| *is_complete).await;
    }

    /// How many mails more were handed over than there were; an error if one was not.
    pub(crate) fn repeated(&self) -> Result<usize, Failure> {
        let counts = self.counts();
        if counts.len() != self.expected {
            return Err(format!("{} of {} mails came", counts.len(), self.expected).into());
        }
        Ok(counts.values().sum::<usize>() - self.expected)
    }

    fn count(&self, mail: MailId) {
        let mut counts = self.counts();
        *counts.entry(mail).or_default() += 1;
        if counts.len() == self.expected {
            self.is_complete.send_replace(true);
        }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<MailId, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transport whose mails are counted once they are handed over.
pub(crate) struct Counted<T> {
    transport: T,
    tally: Arc<Tally>,
}

#[async_trait]
impl<T: SendMail> SendMail for Counted<T> {
    async fn send(&self, mail: &OutgoingMail) -> Result<Option<Reason>, NotSent> {
        let answer = self.transport.send(mail).await?;
        self.tally.count(mail.id);
        Ok(answer)
    }
}

/// Takes every mail at once.
pub(crate) struct AcceptAll;

#[async_trait]
impl SendMail for AcceptAll {
    async fn send(&self, _: &OutgoingMail) -> Result<Option<Reason>, NotSent> {
        Ok(None)
    }
}
