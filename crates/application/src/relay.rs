//! The background job that turns what happened into mail: pending requests become mail, and mail is sent.

use std::sync::Arc;

use fastauth_ports::unavailable::Unavailable;
use tokio::sync::Notify;

use crate::{outbox::MailRelay, pending_requests::PendingRequests};

/// Attends to what strangers have asked for, and sends the mail of the outbox. Safe to run in every
/// instance.
pub struct Relay {
    /// Attends to requests.
    pub requests: Arc<PendingRequests>,
    /// Sends mail.
    pub mail: MailRelay,
}

impl Relay {
    /// Attends to requests and sends mail as they come, for ever. Whoever drops this leaves mail behind
    /// that was claimed and is not due before its lease ends.
    pub async fn run(&self) {
        self.run_until(std::future::pending()).await;
    }

    /// Attends to requests and sends mail as they come until it is told to stop, and then finishes what
    /// it has begun, and what is due by then.
    pub async fn run_until(&self, told_to_stop: impl Future<Output = ()>) {
        let attended = Notify::new();
        let attending = async {
            self.requests.run_until(told_to_stop).await;
            attended.notify_one();
        };
        // Side by side: mail that takes long to be sent keeps nobody waiting for an account.
        tokio::join!(attending, self.mail.run_until(attended.notified()));
    }

    /// Attends to all requests there are, sends what mail is due then, no more than is sent at a time,
    /// and says how many mails were handled.
    pub async fn deliver_due(&self) -> Result<usize, Unavailable> {
        self.requests.attend_all().await?;
        self.mail.deliver_due().await
    }
}
