//! Mail that goes nowhere.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use fastauth_domain::delivery::Reason;
use fastauth_ports::{
    mail::{NotSent, OutgoingMail, SendMail},
    unavailable::Unavailable,
};

/// Keeps the mail it is given.
#[derive(Debug, Default)]
pub struct CaughtMail {
    caught: Mutex<Vec<OutgoingMail>>,
    failures: AtomicU32,
    refusals: AtomicU32,
}

impl CaughtMail {
    /// Everything that was sent, the oldest first.
    pub fn sent(&self) -> Vec<OutgoingMail> {
        self.caught().clone()
    }

    /// The newest mail to an address, as it was typed.
    pub fn newest_to(&self, address: &str) -> Option<OutgoingMail> {
        self.caught().iter().rev().find(|mail| mail.to.as_typed() == address).cloned()
    }

    /// Makes the next attempts to send fail for the moment.
    pub fn fail(&self, attempts: u32) {
        self.failures.store(attempts, Ordering::SeqCst);
    }

    /// Makes the next attempts to send, once none fails for the moment, be refused for good.
    pub fn refuse(&self, attempts: u32) {
        self.refusals.store(attempts, Ordering::SeqCst);
    }

    fn caught(&self) -> MutexGuard<'_, Vec<OutgoingMail>> {
        self.caught.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SendMail for CaughtMail {
    async fn send(&self, mail: &OutgoingMail) -> Result<Option<Reason>, NotSent> {
        if takes_one(&self.failures) {
            return Err(Unavailable::new("told to fail").into());
        }
        if takes_one(&self.refusals) {
            return Err(NotSent::Permanent("told to refuse".to_owned()));
        }
        self.caught().push(mail.clone());
        Ok(None)
    }
}

fn takes_one(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

#[cfg(test)]
mod tests {
    use fastauth_domain::identifier::MailId;
    use fastauth_ports::mail::Sender;

    use super::*;
    use crate::contract::flows;

    #[tokio::test]
    async fn mail_is_caught_once_the_failures_are_used_up() {
        let transport = CaughtMail::default();
        let mail = OutgoingMail {
            id: MailId::generate(&mut flows::moment(1)),
            from: Sender { address: flows::address("no-reply@example.com"), name: None },
            to: flows::address("Ada@Example.com"),
            subject: "Hello".to_owned(),
            text: "Read this.".into(),
            html: None,
        };
        transport.fail(2);
        transport.refuse(1);
        assert!(matches!(transport.send(&mail).await, Err(NotSent::Temporary(_))));
        assert!(matches!(transport.send(&mail).await, Err(NotSent::Temporary(_))));
        assert!(matches!(transport.send(&mail).await, Err(NotSent::Permanent(_))));
        assert!(transport.send(&mail).await.is_ok());
        assert_eq!(transport.sent().len(), 1);
        assert_eq!(transport.newest_to("Ada@Example.com").unwrap().id, mail.id);
        assert!(transport.newest_to("bob@example.com").is_none());
    }
}
