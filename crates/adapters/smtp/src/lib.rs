//! Sends mail by SMTP (RFC 5321), through one server that takes it from there.
//!
//! Connections are kept for the next mail. One on which anything went wrong, or on which waiting was
//! given up, is not: an answer that comes late would be taken for the answer to the next command.

mod connection;
mod handover;
mod outcome;
mod plain;
mod roots;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use fastauth_domain::{delivery::Reason, time::Timestamp};
use fastauth_mime::MimeMessage;
use fastauth_ports::{
    clock::Clock,
    mail::{NotSent, OutgoingMail, SendMail},
    unavailable::Unavailable,
};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use secrecy::SecretString;
use tokio::time::timeout;

pub use self::roots::{ExtraRoots, InvalidRoots};
use self::{connection::Connector, outcome::Stage};

/// The most connections that are kept. A relay sends as many mails at a time, and where fewer were kept
/// than are used, most mails would begin with a greeting, encryption and a password.
const MOST_PARKED: usize = 16;
/// How long a connection is kept without mail. Servers wait for minutes before they hang up.
const PARKED_FOR: Duration = Duration::from_mins(1);

/// The mail server that mail is handed to, and how.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Its name, which its certificate must bear, or its IP address.
    pub host: String,
    /// 587 for [`Encryption::StartTls`], 465 for [`Encryption::Implicit`], usually.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// Whom to sign in as. They are sent as they are, so that only encryption hides them.
    pub credentials: Option<Credentials>,
    /// Certificate authorities that are trusted besides those of the public web.
    pub extra_roots: Option<ExtraRoots>,
    /// How long it is waited for.
    pub patience: Patience,
}

/// How the connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// It begins in the open, and is encrypted before anything is told (RFC 3207). A server that does
    /// not offer it gets neither credentials nor mail.
    StartTls,
    /// It is encrypted from the start (RFC 8314).
    Implicit,
    /// It is not. For a server on the same machine or network.
    None,
}

/// A name and a password at a mail server.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The name.
    pub username: String,
    /// The password.
    pub password: SecretString,
}

/// How long a mail server is waited for, at each mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From the first packet until it is ready for mail.
    pub to_connect: Duration,
    /// From then on until it has taken the mail.
    pub to_hand_over: Duration,
}

impl Default for Patience {
    /// 5 and 10 seconds. Whoever sends many mails must reckon with this for each.
    fn default() -> Self {
        Self { to_connect: Duration::from_secs(5), to_hand_over: Duration::from_secs(10) }
    }
}

/// Sends mail by SMTP.
pub struct SmtpMail {
    connector: Connector,
    patience: Patience,
    clock: Arc<dyn Clock>,
    parked: Mutex<Vec<Parked>>,
}

/// A connection that waits for the next mail.
struct Parked {
    connection: AsyncSmtpConnection,
    since: Timestamp,
}

impl SmtpMail {
    /// Sends through this server. It is not spoken to before the first mail.
    pub fn new(relay: Relay, clock: Arc<dyn Clock>) -> Result<Self, InvalidRoots> {
        let patience = relay.patience;
        let connector = Connector::new(relay)?;
        Ok(Self { connector, patience, clock, parked: Mutex::default() })
    }

    /// A connection that is ready for a mail: one that was kept, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Unavailable> {
        while let Some(mut connection) = self.unpark() {
            if handover::is_ready(&mut connection).await {
                return Ok(connection);
            }
        }
        self.connector.connect().await
    }

    fn unpark(&self) -> Option<AsyncSmtpConnection> {
        let now = self.clock.now();
        let mut parked = self.parked();
        parked.retain(|it| now.since(it.since) < PARKED_FOR);
        parked.pop().map(|it| it.connection)
    }

    fn park(&self, connection: AsyncSmtpConnection) {
        let since = self.clock.now();
        let mut parked = self.parked();
        if parked.len() < MOST_PARKED {
            parked.push(Parked { connection, since });
        }
    }

    fn parked(&self) -> MutexGuard<'_, Vec<Parked>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SendMail for SmtpMail {
    async fn send(&self, mail: &OutgoingMail) -> Result<Option<Reason>, NotSent> {
        let message = MimeMessage::write(mail, self.clock.now())
            .map_err(|error| NotSent::Permanent(error.to_string()))?;
        let mut connection = timeout(self.patience.to_connect, self.connection())
            .await
            .map_err(|_| outcome::no_answer(Stage::Connection))??;
        let handed_over = handover::hand_over(&mut connection, &message);
        let outcome = timeout(self.patience.to_hand_over, handed_over)
            .await
            .map_err(|_| outcome::no_answer(Stage::Content))?;
        // A server that refuses a mail for good is as good as any for the next.
        if matches!(outcome, Ok(_) | Err(NotSent::Permanent(_))) {
            self.park(connection);
        }
        outcome
    }
}

impl std::fmt::Debug for SmtpMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpMail").field("relay", self.connector.relay()).finish_non_exhaustive()
    }
}
