//! Mail that goes nowhere.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use fastauth_ports::{
    mail::{OutgoingMail, SendMail},
    unavailable::Unavailable,
};

/// Keeps the mail it is given.
#[derive(Debug, Default)]
pub struct CaughtMail {
    caught: Mutex<Vec<OutgoingMail>>,
    failures: AtomicU32,
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

    /// Makes the next attempts to send fail.
    pub fn fail(&self, attempts: u32) {
        self.failures.store(attempts, Ordering::SeqCst);
    }

    fn caught(&self) -> MutexGuard<'_, Vec<OutgoingMail>> {
        self.caught.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SendMail for CaughtMail {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), Unavailable> {
        let is_to_fail = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .is_ok();
        if is_to_fail {
            return Err(Unavailable::new("told to fail"));
        }
        self.caught().push(mail.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use fastauth_domain::{email::EmailAddress, identifier::MailId};

    use super::*;
    use crate::contract::flows;

    #[tokio::test]
    async fn mail_is_caught_once_the_failures_are_used_up() {
        let transport = CaughtMail::default();
        let mail = OutgoingMail {
            id: MailId::generate(&mut flows::moment(1)),
            to: EmailAddress::parse("Ada@Example.com").unwrap(),
            subject: "Hello",
            text: "Read this.".into(),
        };
        transport.fail(2);
        assert!(transport.send(&mail).await.is_err());
        assert!(transport.send(&mail).await.is_err());
        assert!(transport.send(&mail).await.is_ok());
        assert_eq!(transport.sent().len(), 1);
        assert_eq!(transport.newest_to("Ada@Example.com").unwrap().id, mail.id);
        assert!(transport.newest_to("bob@example.com").is_none());
    }
}
