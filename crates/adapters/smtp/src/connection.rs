//! Connecting to a mail server: to the point where it is ready for mail.

use fastauth_ports::unavailable::Unavailable;
use lettre::transport::smtp::{
    authentication::{self, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, TlsParameters},
    extension::ClientId,
};
use secrecy::ExposeSecret;
use tokio::net::TcpStream;

use crate::{
    Credentials, Encryption, Relay,
    outcome::{self, Stage},
    plain::PlainStart,
    roots::{self, InvalidRoots},
};

/// Connects to one server.
pub(crate) struct Connector {
    relay: Relay,
    tls: TlsParameters,
    hello: ClientId,
}

impl Connector {
    pub(crate) fn new(relay: Relay) -> Result<Self, InvalidRoots> {
        let tls = roots::tls_parameters(&relay.host, relay.extra_roots.as_ref())?;
        Ok(Self { relay, tls, hello: ClientId::default() })
    }

    pub(crate) const fn relay(&self) -> &Relay {
        &self.relay
    }

    /// A new connection, encrypted and signed in as the relay has it.
    pub(crate) async fn connect(&self) -> Result<AsyncSmtpConnection, Unavailable> {
        let mut connection = match self.relay.encryption {
            Encryption::StartTls => self.connect_and_start_tls().await?,
            Encryption::Implicit => self.connect_in_tls().await?,
            Encryption::None => self.connect_plainly().await?,
        };
        if let Some(Credentials { username, password }) = &self.relay.credentials {
            let credentials = authentication::Credentials::new(
                username.clone(),
                password.expose_secret().to_owned(),
            );
            let answer = connection.auth(DEFAULT_MECHANISMS, &credentials).await;
            let answer = answer.map_err(|error| outcome::temporary(Stage::Login, &error))?;
            outcome::expect(Stage::Login, &answer, 235)?;
        }
        Ok(connection)
    }

    async fn connect_and_start_tls(&self) -> Result<AsyncSmtpConnection, Unavailable> {
        let failed = |error| outcome::temporary(Stage::Encryption, &error);
        let stream = Box::new(PlainStart::new(self.stream().await?));
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &self.hello)
            .await
            .map_err(failed)?;
        if !connection.can_starttls() {
            return Err(outcome::no_starttls());
        }
        connection.starttls(self.tls.clone(), &self.hello).await.map_err(failed)?;
        Ok(connection)
    }

    async fn connect_in_tls(&self) -> Result<AsyncSmtpConnection, Unavailable> {
        let server = (self.relay.host.as_str(), self.relay.port);
        let tls = Some(self.tls.clone());
        AsyncSmtpConnection::connect_tokio1(server, None, &self.hello, tls, None)
            .await
            .map_err(|error| outcome::temporary(Stage::Connection, &error))
    }

    async fn connect_plainly(&self) -> Result<AsyncSmtpConnection, Unavailable> {
        let stream = Box::new(self.stream().await?);
        AsyncSmtpConnection::connect_with_transport(stream, &self.hello)
            .await
            .map_err(|error| outcome::temporary(Stage::Connection, &error))
    }

    async fn stream(&self) -> Result<TcpStream, Unavailable> {
        let server = (self.relay.host.as_str(), self.relay.port);
        let stream = TcpStream::connect(server).await;
        let stream = stream.map_err(|error| outcome::unreachable(&error))?;
        // The end of a mail is written by itself. Held back until the mail is acknowledged, it would
        // wait for as long as the other side takes its time with that: 40 ms, usually.
        stream.set_nodelay(true).map_err(|error| outcome::unreachable(&error))?;
        Ok(stream)
    }
}
