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

use crate::{SqlStore, account, audit, contention::Patience, mail, one_time, session};

#[async_trait]
impl Commit for SqlStore {
    async fn commit(&self, changes: &Changes) -> Result<(), CommitError> {
        let _turn = self.queue_up()?;
        let mut patience = Patience::new();
        loop {
            match self.attempt(changes).await {
                Ok(()) => return Ok(()),
                Err(Refusal::Conflict(conflict)) => return Err(conflict.into()),
                Err(Refusal::Database(error)) => {
                    patience.wait_out(error).await.map_err(Unavailable::new)?;
                }
                Err(Refusal::Unanswered(error)) => {
                    if let Err(error) = patience.wait_out(error).await {
                        return self.look_for(changes, error).await;
                    }
                }
            }
        }
    }
}

/// Why a list was not applied.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// An expectation did not hold.
    Conflict(Conflict),
    /// A statement failed; nothing was written.
    Database(DbErr),
    /// COMMIT failed, and it is not known whether it was done before that.
    Unanswered(DbErr),
}

impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// Holds a change to its expectation: its statement met the one row it was about.
pub(crate) const fn expect_one(rows: u64, otherwise: Conflict) -> Result<(), Refusal> {
    if rows == 1 { Ok(()) } else { Err(Refusal::Conflict(otherwise)) }
}

impl SqlStore {
    async fn attempt(&self, changes: &Changes) -> Result<(), Refusal> {
        let mut list = changes.iter();
        match (list.next(), list.next()) {
            (None, _) => Ok(()),
            // One statement is a transaction by itself.
            (Some(only), None) => self.apply(&self.writer, only).await,
            (Some(_), Some(_)) => self.attempt_transaction(changes).await,
        }
    }

    async fn attempt_transaction(&self, changes: &Changes) -> Result<(), Refusal> {
        let transaction = self.writer.begin_with_options(write_at_once()).await?;
        if let Err(refusal) = self.apply_all(&transaction, changes).await {
            // Without an answer to it the connection is given up, which undoes the list as well.
            if let Err(error) = transaction.rollback().await {
                tracing::warn!(%error, "a rollback was not answered");
            }
            return Err(refusal);
        }
        transaction.commit().await.map_err(Refusal::Unanswered)
    }

    async fn apply_all(
        &self,
        transaction: &DatabaseTransaction,
        changes: &Changes,
    ) -> Result<(), Refusal> {
        for change in changes {
            self.apply(transaction, change).await?;
        }
        Ok(self.before_write()?)
    }

    async fn apply(&self, db: &impl ConnectionTrait, change: &Change) -> Result<(), Refusal> {
        self.before_write()?;
        match change {
            Change::Account(change) => account::apply(db, change).await,
            Change::Session(change) => session::apply(db, change).await,
            Change::OneTime(change) => one_time::apply(db, change).await,
            Change::Mail(mail) => mail::apply(db, mail).await,
            Change::Audit(event) => audit::apply(db, event).await,
        }
    }

    /// Resolves a COMMIT without an answer: the list was written if, and only if, its receipt was.
    async fn look_for(&self, changes: &Changes, error: DbErr) -> Result<(), CommitError> {
        if let Some(receipt) = changes.receipt()
            && audit::is_stored(&self.reader, receipt.id).await.map_err(Unavailable::new)?
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
