//! The server, and asking it something.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fastauth_ports::unavailable::Unavailable;
use redis::{
    Client, IntoConnectionInfo, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};
use tokio::{runtime::Handle, time::timeout};

use crate::circuit::{Circuit, Turn};

/// How long an answer may usually take. A limit is to be quick, or to be counted elsewhere.
pub(crate) const PATIENCE: Duration = Duration::from_millis(50);
/// How long connecting may take, for which nobody waits any longer than for an answer.
const CONNECT: Duration = Duration::from_secs(2);
/// After how long without a sign of the other end a connection is given up.
#[cfg(target_os = "linux")]
const SILENCE: Duration = Duration::from_secs(10);

/// Where a server is: `redis://[user:password@]host[:port][/database]`, or `rediss://` over TLS with a
/// certificate that this machine trusts. The password is in here, and is not shown.
#[derive(Clone)]
pub struct RedisUrl(Client);

/// A URL is not one of a server.
#[derive(Debug, thiserror::Error)]
#[error("it is not the URL of a Redis server")]
pub struct InvalidUrl(#[source] RedisError);

impl RedisUrl {
    /// Reads a URL.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let at = text.into_connection_info().map_err(InvalidUrl)?;
        let settings = TcpSettings::default().set_nodelay(true);
        #[cfg(target_os = "linux")]
        let settings = settings.set_user_timeout(SILENCE);
        Client::open(at.set_tcp_settings(settings)).map(Self).map_err(InvalidUrl)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisUrl").field(self.0.get_connection_info().addr()).finish()
    }
}

/// A server, and whether it answers.
pub(crate) struct Server {
    client: Client,
    connection: Mutex<RedisResult<ConnectionManager>>,
    patience: Duration,
    circuit: Circuit,
}

impl Server {
    pub(crate) fn at(RedisUrl(client): &RedisUrl, patience: Duration) -> Self {
        let connection = connection(client);
        if let Ok(mut connection) = connection.clone() {
            // Nobody has to wait for the first connection.
            Handle::current().spawn(async move {
                if let Err(error) = redis::cmd("PING").exec_async(&mut connection).await {
                    tracing::warn!(%error, "Redis does not answer yet");
                }
            });
        }
        let (client, connection) = (client.clone(), Mutex::new(connection));
        Self { client, connection, patience, circuit: Circuit::default() }
    }

    /// Asks something, unless there is no use in it.
    pub(crate) async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(ConnectionManager) -> RedisResult<T>,
    ) -> Result<T, Unavailable> {
        if !self.circuit.admits() {
            return Err(Unavailable::new("the server has just failed, and is left alone"));
        }
        let connection = self.connection().clone().map_err(Unavailable::new)?;
        let answer = match timeout(self.patience, question(connection)).await {
            Ok(answer) => {
                answer.inspect_err(|error| self.leave_after(error)).map_err(Unavailable::new)
            }
            Err(late) => Err(Unavailable::new(late)),
        };
        match (self.circuit.note(answer.is_ok()), &answer) {
            (Turn::Down, Err(error)) => {
                tracing::warn!(%error, "Redis does not answer: limits are counted in the database");
            }
            (Turn::Up, _) => tracing::info!("Redis answers again"),
            _ => {}
        }
        answer
    }

    /// A connection that broke is replaced by itself. One on which the server refuses to serve is not: it
    /// may have become a replica, or have taken a password that was about to change.
    fn leave_after(&self, error: &RedisError) {
        if !error.is_io_error() {
            *self.connection() = connection(&self.client);
        }
    }

    /// No invariant spans two statements, so that a poisoned lock is as good as any.
    fn connection(&self) -> MutexGuard<'_, RedisResult<ConnectionManager>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is made when it is used for the first time. Whoever comes next tries again; one
/// attempt at a time is made, in the background.
fn connection(client: &Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(0)
        .set_response_timeout(None)
        .set_connection_timeout(Some(CONNECT));
    client.get_connection_manager_lazy(config)
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("circuit", &self.circuit).finish_non_exhaustive()
    }
}
