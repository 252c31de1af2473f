//! The one transaction: every change of a list, or none.

use async_trait::async_trait;
use fastauth_domain::change::{Change, Changes, Conflict};
use fastauth_ports::{
    commit::{Commit, CommitError},
    unavailable::Unavailable,
};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use crate::{
    SqlStore, account, audit, delivery,
    failure::{Failure, Patience, is_answer},
    limit, mail, one_time, pending_request, role, session,
};

#[async_trait]
impl Commit for SqlStore {
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError> {
        let _turn = self.queue_up()?;
        let mut patience = Patience::new();
        loop {
            match self.attempt(changes).await {
                Ok(()) => return Ok(()),
                Err(Refusal::Conflict(conflict)) => return Err(conflict.into()),
                Err(Refusal::Undone(error)) => {
                    patience.wait_out(error).await.map_err(Unavailable::new)?;
                }
                Err(Refusal::Unanswered(error)) => return self.look_for(changes, error).await,
            }
        }
    }
}

/// Why a list was not applied.
#[derive(Debug)]
enum Refusal {
    /// An expectation did not hold.
    Conflict(Conflict),
    /// Something failed before there was anything to keep: nothing was written.
    Undone(DbErr),
    /// What would have kept it failed, and nobody knows whether it was done before that.
    Unanswered(DbErr),
}

impl Refusal {
    /// What failing at the last step means. A database that says why has undone the list, unless what
    /// it says is that it is going away.
    fn in_the_end(error: DbErr) -> Self {
        if is_answer(&error) && Failure::of(&error) != Failure::Lost {
            Self::Undone(error)
        } else {
            Self::Unanswered(error)
        }
    }
}

impl SqlStore {
    async fn attempt(&self, changes: &Changes) -> Result<(), Refusal> {
        let mut list = changes.iter();
        match (list.next(), list.next()) {
            (None, _) => Ok(()),
            // One statement is a transaction by itself.
            (Some(only), None) if self.limits.cache_statements => {
                let applied = self.bounded(self.apply(&self.writer.connections(), only)).await;
                applied.map_err(Refusal::in_the_end)?.map_err(Refusal::Conflict)
            }
            (Some(_), _) => self.attempt_transaction(changes).await,
        }
    }

    async fn attempt_transaction(&self, changes: &Changes) -> Result<(), Refusal> {
        let writer = self.writer.connections();
        let begin = writer.begin_with_options(write_at_once());
        let transaction = self.bounded(begin).await.map_err(Refusal::Undone)?;
        let refusal = match self.bounded(self.apply_all(&transaction, changes)).await {
            Ok(Ok(())) => {
                return self.bounded(transaction.commit()).await.map_err(Refusal::in_the_end);
            }
            Ok(Err(conflict)) => Refusal::Conflict(conflict),
            Err(error) => Refusal::Undone(error),
        };
        // Without an answer to it the connection is given up, which undoes the list as well.
        if let Err(error) = self.bounded(transaction.rollback()).await {
            tracing::debug!(%error, "a rollback was not answered");
        }
        Err(refusal)
    }

    async fn apply_all(
        &self,
        transaction: &DatabaseTransaction,
        changes: &Changes,
    ) -> Result<Result<(), Conflict>, DbErr> {
        for change in changes {
            if let Err(conflict) = self.apply(transaction, change).await? {
                return Ok(Err(conflict));
            }
        }
        self.before_write()?;
        Ok(Ok(()))
    }

    async fn apply(
        &self,
        db: &impl ConnectionTrait,
        change: &Change,
    ) -> Result<Result<(), Conflict>, DbErr> {
        self.before_write()?;
        let backend = db.get_database_backend();
        let write = match change {
            Change::PendingRequest(change) => pending_request::write(backend, change),
            Change::Account(change) => account::write(backend, change),
            Change::Role(change) => role::write(backend, change),
            Change::Session(change) => session::write(backend, change),
            Change::OneTime(change) => one_time::write(backend, change),
            Change::Mail(mail) => mail::write(backend, mail),
            Change::Delivery(change) => delivery::write(backend, change),
            Change::Limit(change) => limit::write(backend, change),
            Change::Audit(change) => audit::write(backend, change),
        };
        write.execute(db).await
    }

    /// Resolves a COMMIT without an answer: the list was written if, and only if, its receipt was.
    async fn look_for(&self, changes: &Changes, error: DbErr) -> Result<(), CommitError> {
        if let Some(receipt) = changes.receipt()
            && self.is_stored(receipt.id).await.map_err(Unavailable::new)?
        {
            return Ok(());
        }
        Err(Unavailable::new(error).into())
    }
}

/// A transaction that will write says so at once: SQLite refuses to turn a reader into a writer
/// without waiting when another one is at work. Other engines do not know the option.
pub(crate) fn write_at_once() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

#[cfg(test)]
mod tests {
    use fastauth_domain::{
        audit::{Event, EventKind},
        moment::Moment,
        time::Timestamp,
    };

    use super::*;
    use crate::WAITING_WRITES;

    async fn store() -> SqlStore {
        let store = SqlStore::connect("sqlite::memory:").await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    fn changes() -> Changes {
        let mut moment = Moment::new(Timestamp::from_unix_micros(0), [7; 32]);
        Changes::default().with(Event::new(EventKind::SignInRefused, &mut moment))
    }

    #[tokio::test]
    async fn a_lost_answer_to_commit_is_resolved_by_the_receipt() {
        let store = store().await;
        let lost = || DbErr::Custom("the connection broke".into());
        assert!(store.look_for(&changes(), lost()).await.is_err());
        store.commit(&changes()).await.unwrap();
        assert!(store.look_for(&changes(), lost()).await.is_ok());
        let without_receipt = store.look_for(&Changes::default(), lost()).await.unwrap_err();
        assert!(without_receipt.to_string().contains("the connection broke"));
    }

    #[tokio::test]
    async fn a_full_queue_answers_at_once() {
        let store = store().await;
        let _others = store.queue.acquire_many(WAITING_WRITES.try_into().unwrap()).await;
        let refused = store.commit(&changes()).await.unwrap_err();
        assert!(refused.to_string().contains("too many writes"), "{refused}");
    }
}
