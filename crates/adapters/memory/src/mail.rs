//! The outbox, in the order in which mail is due.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use async_trait::async_trait;
use fastauth_domain::{identifier::MailId, mail::Mail, time::Timestamp};
use fastauth_ports::{
    mail::{ClaimMail, ClaimedMail, Settlement},
    unavailable::Unavailable,
};

use crate::{
    MemoryStore, State,
    commit::{Applied, violation},
};

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Each mail with the number of its attempts so far, the longest waiting first.
    queue: BTreeMap<(Timestamp, MailId), ClaimedMail>,
    due_at: HashMap<MailId, Timestamp>,
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
        let mut claimed = Vec::new();
        for _ in 0..limit {
            match outbox.take_due(now) {
                Some(mail) => claimed.push(ClaimedMail { attempt: mail.attempt + 1, ..mail }),
                None => break,
            }
        }
        for claim in &claimed {
            outbox.put(claim.clone(), now.plus(lease));
        }
        Ok(claimed)
    }

    async fn settle(&self, id: MailId, settlement: Settlement) -> Result<(), Unavailable> {
        let outbox = &mut self.state().outbox;
        if let (Some(mail), Settlement::Retry(at)) = (outbox.take(id), settlement) {
            outbox.put(mail, at);
        }
        Ok(())
    }
}

impl State {
    pub(crate) fn enqueue(&mut self, mail: &Mail) -> Applied {
        let id = mail.id;
        if self.outbox.due_at.contains_key(&id) {
            return Err(violation("there is a mail of this name"));
        }
        self.outbox.put(ClaimedMail { mail: mail.clone(), attempt: 0 }, mail.created_at);
        Ok(Box::new(move |state| {
            state.outbox.take(id);
        }))
    }
}

impl Outbox {
    fn put(&mut self, mail: ClaimedMail, due_at: Timestamp) {
        self.due_at.insert(mail.mail.id, due_at);
        self.queue.insert((due_at, mail.mail.id), mail);
    }

    fn take(&mut self, id: MailId) -> Option<ClaimedMail> {
        let due_at = self.due_at.remove(&id)?;
        self.queue.remove(&(due_at, id))
    }

    /// The mail that has been due longest.
    fn take_due(&mut self, now: Timestamp) -> Option<ClaimedMail> {
        let (&(due_at, id), _) = self.queue.first_key_value()?;
        if due_at <= now { self.take(id) } else { None }
    }
}
