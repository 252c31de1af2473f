//! Mail that stays in the process.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use fastauth_domain::delivery::Reason;
use fastauth_ports::mail::{NotSent, OutgoingMail, SendMail};

/// How many mails are kept. Older ones are dropped, so that a server that runs for months does not
/// fill up.
const CAPACITY: usize = 1_000;

/// Keeps the newest mails instead of sending them, for tests and trials.
#[derive(Debug, Default)]
pub struct Mailbox(Mutex<VecDeque<OutgoingMail>>);

impl Mailbox {
    /// What is kept, the oldest first.
    pub fn mails(&self) -> Vec<OutgoingMail> {
        self.kept().iter().cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<OutgoingMail>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SendMail for Mailbox {
    async fn send(&self, mail: &OutgoingMail) -> Result<Option<Reason>, NotSent> {
        let mut kept = self.kept();
        if kept.len() == CAPACITY {
            kept.pop_front();
        }
        kept.push_back(mail.clone());
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use fastauth_domain::{
        email::EmailAddress, identifier::MailId, moment::Moment, time::Timestamp,
    };
    use fastauth_ports::mail::Sender;

    use super::*;

    #[tokio::test]
    async fn the_newest_mails_are_kept() {
        let mailbox = Mailbox::default();
        let mut moment = Moment::new(Timestamp::from_unix_micros(0), [7; 32]);
        let mails: Vec<OutgoingMail> = (0..=CAPACITY)
            .map(|_| OutgoingMail {
                id: MailId::generate(&mut moment),
                from: Sender {
                    address: EmailAddress::parse("no-reply@example.com").unwrap(),
                    name: None,
                },
                to: EmailAddress::parse("ada@example.com").unwrap(),
                subject: "Hello".to_owned(),
                text: "Read this.".into(),
                html: None,
            })
            .collect();
        for mail in &mails {
            mailbox.send(mail).await.unwrap();
        }
        let kept: Vec<_> = mailbox.mails().iter().map(|mail| mail.id).collect();
        assert!(kept.iter().eq(mails.iter().skip(1).map(|mail| &mail.id)));
    }
}
