//! Hands mail to a URL as signed JSON, for whoever has a way of sending mail that is none of ours, and
//! reads the notices of what became of it.
//!
//! Requests follow [Standard Webhooks](https://www.standardwebhooks.com) 1.0.

mod body;
mod endpoint;
pub mod notices;
mod outcome;
mod signature;
mod tls;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use fastauth_domain::delivery::Reason;
use fastauth_ports::{
    clock::Clock,
    mail::{NotSent, OutgoingMail, SendMail},
    unavailable::Unavailable,
};
use reqwest::{Client, header::CONTENT_TYPE, redirect};

use self::signature::Message;
pub use self::{
    endpoint::{Endpoint, InvalidEndpoint},
    signature::{InvalidSecret, Secrets},
};

/// Whoever mail is handed to, and how.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Where it listens.
    pub endpoint: Endpoint,
    /// By which it knows that a mail comes from here. Requests are signed with each of them.
    pub secrets: Secrets,
    /// How long it is waited for.
    pub patience: Patience,
}

/// How long a receiver is waited for, at each mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until there is a connection.
    pub to_connect: Duration,
    /// Until there is an answer, the time to connect included.
    pub to_hand_over: Duration,
}

impl Default for Patience {
    /// 5 and 10 seconds. Whoever sends many mails must reckon with this for each.
    fn default() -> Self {
        Self { to_connect: Duration::from_secs(5), to_hand_over: Duration::from_secs(10) }
    }
}

/// Hands mail to a URL.
pub struct WebhookMail {
    receiver: Receiver,
    client: Client,
    clock: Arc<dyn Clock>,
}

/// There can be no connections with TLS.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct NoClient(Box<dyn std::error::Error + Send + Sync>);

impl WebhookMail {
    /// Hands mail to this receiver. It is not spoken to before the first mail.
    pub fn new(receiver: Receiver, clock: Arc<dyn Clock>) -> Result<Self, NoClient> {
        let tls = tls::config().map_err(|error| NoClient(error.into()))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("FastAuth/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(receiver.patience.to_connect)
            .timeout(receiver.patience.to_hand_over)
            // Mail goes where it was said to go, and by way of nobody else.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| NoClient(error.into()))?;
        Ok(Self { receiver, client, clock })
    }
}

#[async_trait]
impl SendMail for WebhookMail {
    async fn send(&self, mail: &OutgoingMail) -> Result<Option<Reason>, NotSent> {
        let Receiver { endpoint, secrets, patience: _ } = &self.receiver;
        let now = self.clock.now();
        let id = mail.id.to_string();
        let timestamp = now.unix_micros().div_euclid(1_000_000).to_string();
        let body = body::write(mail, now).map_err(Unavailable::new)?;
        let signature = secrets.sign(&Message { id: &id, timestamp: &timestamp, body: &body });
        let request = self
            .client
            .post(endpoint.url())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body);
        let answer = request.send().await;
        let answer = answer.map_err(|error| outcome::unanswered(endpoint.host(), error))?;
        outcome::read(endpoint.host(), answer.status(), answer.headers(), self.clock.now())
    }
}

impl fmt::Debug for WebhookMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookMail").field("receiver", &self.receiver).finish_non_exhaustive()
    }
}
