//! What every store promises of limits.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use fastauth_domain::{
    limit::{Bucket, Change, Reached},
    time::Timestamp,
};
use fastauth_ports::{
    limits::{CountQuickly, LimitAttempts},
    unavailable::Unavailable,
};
use fastauth_redis::{RedisLimits, RedisUrl};
use fastauth_testkit::{limit_contract, limits::TestedLimits, redis_server::RedisServer};

struct Tested {
    server: RedisServer,
    limits: Arc<Counting>,
}

/// What counts only quickly.
struct Counting(RedisLimits);

impl Counting {
    fn at(server: &RedisServer) -> Arc<Self> {
        let url = RedisUrl::parse(&server.url()).unwrap();
        Arc::new(Self(RedisLimits::within(&url, Duration::from_secs(30))))
    }
}

#[async_trait]
impl LimitAttempts for Counting {
    async fn attempt(
        &self,
        buckets: &[Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Reached>, Unavailable> {
        self.0.attempt(buckets, now).await
    }
}

#[async_trait]
impl TestedLimits for Tested {
    fn limits(&self) -> Arc<dyn LimitAttempts> {
        self.limits.clone()
    }

    async fn beside(&self) -> Arc<dyn LimitAttempts> {
        Counting::at(&self.server)
    }

    async fn settle(&self, changes: Vec<Change>) {
        self.limits.0.settle(&changes).await.unwrap();
    }
}

fn fresh() -> Option<Tested> {
    let server = RedisServer::start()?;
    let limits = Counting::at(&server);
    Some(Tested { server, limits })
}

limit_contract!(fresh());
