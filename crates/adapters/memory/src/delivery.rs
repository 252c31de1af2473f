//! What has become of mail, and the suppression list.

use std::cmp::Reverse;

use async_trait::async_trait;
use fastauth_domain::{
    delivery::{Change, Delivery, State as DeliveryState, Suppression},
    email::EmailKey,
    identifier::MailId,
    time::Timestamp,
};
use fastauth_ports::{
    deliveries::{ReadDeliveries, RepairOutbox},
    unavailable::Unavailable,
};

use crate::{MemoryStore, State, commit::Undo, mail::Entry};

#[async_trait]
impl ReadDeliveries for MemoryStore {
    async fn delivery(&self, id: MailId) -> Result<Option<Delivery>, Unavailable> {
        Ok(self.state().outbox.entry(id).map(Entry::delivery))
    }

    async fn deliveries_to(
        &self,
        address: &EmailKey,
        limit: u32,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let state = self.state();
        let entries = state.outbox.entries().filter(|entry| entry.mail.to.key() == address);
        Ok(first(entries, limit, |entry| Reverse(entry.mail.created_at)))
    }

    async fn deliveries_in(
        &self,
        state: DeliveryState,
        limit: u32,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let all = self.state();
        let entries = all.outbox.entries().filter(|entry| entry.state == state);
        let waits_for = |entry: &Entry| (state == DeliveryState::Queued).then_some(entry.due_at);
        Ok(first(entries, limit, |entry| (waits_for(entry), entry.mail.id)))
    }

    async fn suppression(&self, address: &EmailKey) -> Result<Option<Suppression>, Unavailable> {
        Ok(self.state().suppressions.get(address).cloned())
    }
}

#[async_trait]
impl RepairOutbox for MemoryStore {
    async fn requeue(&self, id: MailId, now: Timestamp) -> Result<bool, Unavailable> {
        let requeued = self.state().outbox.change(id, |entry| {
            (entry.state, entry.due_at) = (DeliveryState::Queued, now);
            (entry.attempts, entry.settled_at) = (0, None);
        });
        Ok(requeued.is_some())
    }

    async fn forget(&self, id: MailId) -> Result<bool, Unavailable> {
        Ok(self.state().outbox.take(id).is_some())
    }
}

impl State {
    pub(crate) fn apply_to_deliveries(&mut self, change: &Change) -> Undo {
        match change.clone() {
            Change::Note(notice) => {
                let before = self.outbox.entry(notice.mail).cloned();
                self.outbox.change(notice.mail, |entry| {
                    if notice.event.predecessors().contains(&entry.state) {
                        (entry.state, entry.reason) = (notice.event.state(), notice.reason);
                    }
                });
                Box::new(move |state| {
                    if let Some(before) = before {
                        state.outbox.take(before.mail.id);
                        state.outbox.put(before);
                    }
                })
            }
            Change::Suppress(suppression) => {
                let address = suppression.address.clone();
                let before = self.suppressions.insert(address.clone(), suppression);
                Box::new(move |state| state.restore(address, before))
            }
            Change::Lift(address) => {
                let before = self.suppressions.remove(&address);
                Box::new(move |state| state.restore(address, before))
            }
            Change::ForgetAll(account) => {
                let is_about = |entry: &&Entry| entry.mail.account == Some(account);
                let mails = self.outbox.entries().filter(is_about).map(|entry| entry.mail.id);
                let mails: Vec<MailId> = mails.collect();
                let forgotten: Vec<_> =
                    mails.into_iter().filter_map(|id| self.outbox.take(id)).collect();
                Box::new(move |state| forgotten.into_iter().for_each(|it| state.outbox.put(it)))
            }
        }
    }

    fn restore(&mut self, address: EmailKey, before: Option<Suppression>) {
        match before {
            Some(suppression) => self.suppressions.insert(address, suppression),
            None => self.suppressions.remove(&address),
        };
    }
}

/// The first entries in some order.
fn first<'a, K: Ord>(
    entries: impl Iterator<Item = &'a Entry>,
    limit: u32,
    order: impl Fn(&Entry) -> K,
) -> Vec<Delivery> {
    let mut found: Vec<&Entry> = entries.collect();
    found.sort_by_key(|entry| order(entry));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    found.into_iter().map(Entry::delivery).collect()
}
