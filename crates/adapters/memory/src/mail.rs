//! The outbox, in the order in which mail is due, and what has become of mail.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use async_trait::async_trait;
use fastauth_domain::{
    delivery::{Delivery, Reason, State as DeliveryState},
    identifier::MailId,
    mail::Mail,
    time::Timestamp,
};
use fastauth_ports::{
    mail::{Backlog, ClaimMail, ClaimedMail, Settlement},
    unavailable::Unavailable,
};

use crate::{
    MemoryStore, State,
    commit::{Applied, violation},
};

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    mails: HashMap<MailId, Entry>,
    /// What is in the queue, the longest waiting first.
    queue: BTreeSet<(Timestamp, MailId)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) mail: Mail,
    pub(crate) attempts: u32,
    pub(crate) state: DeliveryState,
    pub(crate) due_at: Timestamp,
    pub(crate) settled_at: Option<Timestamp>,
    pub(crate) reason: Option<Reason>,
}

impl Entry {
    pub(crate) fn delivery(&self) -> Delivery {
        Delivery {
            mail: self.mail.id,
            to: self.mail.to.clone(),
            topic: self.mail.message.topic().to_owned(),
            state: self.state,
            attempts: self.attempts,
            created_at: self.mail.created_at,
            settled_at: self.settled_at,
            reason: self.reason.clone(),
        }
    }
}

#[async_trait]
impl ClaimMail for MemoryStore {
    async fn claim(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ClaimedMail>, Unavailable> {
        let outbox = &mut self.state().outbox;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let due = outbox.queue.iter().take_while(|(due_at, _)| *due_at <= now).take(limit);
        let due: Vec<MailId> = due.map(|(_, id)| *id).collect();
        let claim = |id| {
            outbox.change(id, |entry| {
                entry.due_at = now.plus(lease);
                entry.attempts += 1;
                ClaimedMail { mail: entry.mail.clone(), attempt: entry.attempts }
            })
        };
        Ok(due.into_iter().filter_map(claim).collect())
    }

    async fn settle(&self, id: MailId, settlement: Settlement) -> Result<(), Unavailable> {
        self.state().outbox.change(id, |entry| {
            if entry.state != DeliveryState::Queued {
                return;
            }
            match settlement {
                Settlement::Done { state, reason, at } => {
                    (entry.state, entry.settled_at, entry.reason) = (state, Some(at), reason);
                }
                Settlement::Retry { at, reason } => {
                    (entry.due_at, entry.reason) = (at, reason);
                    entry.mail.is_first_contact = false;
                }
                Settlement::Postpone { until } => entry.due_at = until,
            }
        });
        Ok(())
    }

    async fn backlog(&self) -> Result<Backlog, Unavailable> {
        let outbox = &self.state().outbox;
        let waiting = outbox.queue.iter().filter_map(|(_, id)| outbox.mails.get(id));
        let oldest = waiting.map(|entry| entry.mail.created_at).min();
        Ok(Backlog { waiting: outbox.queue.len().try_into().unwrap_or(u64::MAX), oldest })
    }
}

impl State {
    pub(crate) fn enqueue(&mut self, mail: &Mail) -> Applied {
        let id = mail.id;
        if self.outbox.mails.contains_key(&id) {
            return Err(violation("there is a mail of this name"));
        }
        self.outbox.put(Entry {
            mail: mail.clone(),
            attempts: 0,
            state: DeliveryState::Queued,
            due_at: mail.created_at,
            settled_at: None,
            reason: None,
        });
        Ok(Box::new(move |state| {
            state.outbox.take(id);
        }))
    }
}

impl Outbox {
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.mails.values()
    }

    pub(crate) fn entry(&self, id: MailId) -> Option<&Entry> {
        self.mails.get(&id)
    }

    pub(crate) fn put(&mut self, entry: Entry) {
        if entry.state == DeliveryState::Queued {
            self.queue.insert((entry.due_at, entry.mail.id));
        }
        self.mails.insert(entry.mail.id, entry);
    }

    pub(crate) fn take(&mut self, id: MailId) -> Option<Entry> {
        let entry = self.mails.remove(&id)?;
        self.queue.remove(&(entry.due_at, id));
        Some(entry)
    }

    /// Forgets what left the queue at this moment or before it.
    pub(crate) fn remove_settled(&mut self, horizon: Timestamp, limit: usize) -> usize {
        let is_past = |entry: &&Entry| entry.settled_at.is_some_and(|at| at <= horizon);
        let past = self.entries().filter(is_past).map(|entry| entry.mail.id).take(limit);
        let past: Vec<MailId> = past.collect();
        past.iter().filter_map(|id| self.take(*id)).count()
    }

    /// Changes a mail, and its place in the queue with it.
    pub(crate) fn change<A>(
        &mut self,
        id: MailId,
        change: impl FnOnce(&mut Entry) -> A,
    ) -> Option<A> {
        let mut entry = self.take(id)?;
        let answer = change(&mut entry);
        self.put(entry);
        Some(answer)
    }
}
