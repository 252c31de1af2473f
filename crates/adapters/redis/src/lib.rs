//! Counting attempts in Redis or Valkey, for all instances together.
//!
//! What is counted here is quick, and may be forgotten: a server that is restarted, or that has taken
//! over from another, begins anew. A server that does not answer at once is left alone for a moment.

mod circuit;
mod counting;
mod server;

use std::time::Duration;

use async_trait::async_trait;
use fastauth_domain::{
    limit::{Bucket, Change, Reached},
    time::Timestamp,
};
use fastauth_ports::{limits::CountQuickly, unavailable::Unavailable};

pub use crate::server::{InvalidUrl, RedisUrl};
use crate::{
    counting::Scripts,
    server::{PATIENCE, Server},
};

/// Counts in one server.
#[derive(Debug)]
pub struct RedisLimits {
    server: Server,
    scripts: Scripts,
}

impl RedisLimits {
    /// Counts in the server of a URL, which is connected to in the background: it need not be there yet.
    /// To be called in a Tokio runtime.
    pub fn new(url: &RedisUrl) -> Self {
        Self::within(url, PATIENCE)
    }

    /// The same, where an answer may take so long and not the usual 50 ms.
    pub fn within(url: &RedisUrl, patience: Duration) -> Self {
        Self { server: Server::at(url, patience), scripts: Scripts::default() }
    }
}

#[async_trait]
impl CountQuickly for RedisLimits {
    async fn attempt(
        &self,
        buckets: &[Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Reached>, Unavailable> {
        let taking = self.scripts.take(buckets, now);
        let full =
            self.server.ask(async |mut connection| taking.invoke_async(&mut connection).await);
        counting::outcome(full.await?, buckets, now)
    }

    async fn settle(&self, changes: &[Change]) -> Result<(), Unavailable> {
        for change in changes {
            let taking_back = self.scripts.take_back(change);
            let ask = async |mut connection| taking_back.invoke_async(&mut connection).await;
            self.server.ask::<()>(ask).await?;
        }
        Ok(())
    }
}
