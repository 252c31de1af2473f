//! An outbox full of mail, and the relays that empty it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fastauth::{
    Builder, FastAuth,
    domain::change::Changes,
    ports::{commit::Commit, mail::SendMail},
    seaorm::SqlStore,
};
use fastauth_memory::MemoryStore;
use tokio::{task::JoinSet, time::timeout};

use super::{PATIENCE, mails::Mails, tally::Tally};
use crate::{
    Failure,
    database::{Database, Store},
    people::SECRET_KEY,
};

/// Mails in one transaction.
const BATCH: usize = 250;

/// Where it is.
pub(crate) enum Outbox {
    Memory(Arc<MemoryStore>),
    Sql(Database),
}

impl Outbox {
    /// Fills a new one.
    pub(crate) async fn fill(store: Store, mails: &Mails) -> Result<Self, Failure> {
        if store == Store::Memory {
            let store = Arc::new(MemoryStore::default());
            queue(&*store, mails).await?;
            return Ok(Self::Memory(store));
        }
        let database = Database::create(store, mails.count()).await?;
        let sql = SqlStore::connect(&database.url).await?;
        sql.migrate().await?;
        queue(&sql, mails).await?;
        sql.close().await;
        database.settle().await?;
        Ok(Self::Sql(database))
    }

    /// Has it emptied by a relay for each transport, each with a store of its own, and says how long
    /// that took: until the last mail was settled.
    pub(crate) async fn empty(
        self,
        transports: Vec<Arc<dyn SendMail>>,
        tally: &Arc<Tally>,
    ) -> Result<Duration, Failure> {
        let mut instances = Vec::new();
        for transport in transports {
            let builder = self.builder().secret_key(&SECRET_KEY.into()).mailer(transport);
            instances.push(Arc::new(builder.build().await?));
        }
        let started = Instant::now();
        let mut relays = JoinSet::new();
        for instance in &instances {
            let (auth, tally) = (Arc::clone(instance), Arc::clone(tally));
            relays.spawn(async move { auth.mail_relay().run_until(tally.complete()).await });
        }
        timeout(PATIENCE, relays.join_all()).await.map_err(|_| "the outbox is not emptied")?;
        let elapsed = started.elapsed();
        for auth in instances {
            let waiting = auth.deliveries().backlog().await?.waiting;
            if waiting > 0 {
                return Err(format!("{waiting} mails were sent and are not settled").into());
            }
            auth.close().await;
        }
        if let Self::Sql(database) = self {
            database.remove().await?;
        }
        Ok(elapsed)
    }

    fn builder(&self) -> Builder {
        match self {
            Self::Memory(store) => FastAuth::builder().store(Arc::clone(store)),
            Self::Sql(database) => FastAuth::builder().database(&database.url),
        }
    }
}

async fn queue(store: &impl Commit, mails: &Mails) -> Result<(), Failure> {
    for batch in mails.queued.chunks(BATCH) {
        let changes = batch.iter().cloned().fold(Changes::default(), Changes::with);
        store.commit(&changes).await?;
    }
    Ok(())
}
