//! Saying something to the database, within limits.

use std::pin::pin;

use fastauth_ports::unavailable::Unavailable;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, QueryTrait, Statement, TransactionTrait};
use tokio::time::timeout;

use crate::{
    SqlStore,
    commit::write_at_once,
    failure::{Failure, Patience, is_answer},
};

impl SqlStore {
    /// Reads rows. A read changes nothing, so that it is repeated when its connection is lost.
    pub(crate) async fn rows(&self, query: &impl QueryTrait) -> Result<Vec<QueryResult>, DbErr> {
        self.rows_of(query.build(self.reader.backend())).await
    }

    pub(crate) async fn rows_of(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut patience = Patience::new();
        loop {
            match self.bounded(self.attempt_rows(statement.clone())).await {
                Ok(rows) => return Ok(rows),
                Err(error) => patience.wait_out(error).await?,
            }
        }
    }

    async fn attempt_rows(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if self.limits.cache_statements {
            return self.reader.connections().query_all_raw(statement).await;
        }
        let transaction = self.reader.connections().begin().await?;
        let rows = transaction.query_all_raw(statement).await?;
        transaction.commit().await?;
        Ok(rows)
    }

    /// Does one conditional write outside of a list of changes, and says how many rows it met. It
    /// must be of a kind that may be repeated.
    pub(crate) async fn write(&self, query: &impl QueryTrait) -> Result<u64, Unavailable> {
        let _turn = self.queue_up()?;
        let statement = query.build(self.writer.backend());
        let mut patience = Patience::new();
        loop {
            match self.bounded(self.attempt_write(statement.clone())).await {
                Ok(rows) => return Ok(rows),
                Err(error) => patience.wait_out(error).await.map_err(Unavailable::new)?,
            }
        }
    }

    async fn attempt_write(&self, statement: Statement) -> Result<u64, DbErr> {
        if self.limits.cache_statements {
            return Ok(self.writer.connections().execute_raw(statement).await?.rows_affected());
        }
        let transaction = self.writer.connections().begin().await?;
        let done = transaction.execute_raw(statement).await?;
        transaction.commit().await?;
        Ok(done.rows_affected())
    }

    /// Does several such writes in one transaction, and says of each how many rows it met.
    pub(crate) async fn write_each<Q: QueryTrait>(
        &self,
        queries: impl Iterator<Item = Q>,
    ) -> Result<Vec<u64>, Unavailable> {
        let backend = self.writer.backend();
        let statements: Vec<_> = queries.map(|query| query.build(backend)).collect();
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let _turn = self.queue_up()?;
        let mut patience = Patience::new();
        loop {
            match self.bounded(self.attempt_each(&statements)).await {
                Ok(rows) => return Ok(rows),
                Err(error) => patience.wait_out(error).await.map_err(Unavailable::new)?,
            }
        }
    }

    async fn attempt_each(&self, statements: &[Statement]) -> Result<Vec<u64>, DbErr> {
        let writer = self.writer.connections();
        let transaction = writer.begin_with_options(write_at_once()).await?;
        let mut rows = Vec::new();
        for statement in statements {
            rows.push(transaction.execute_raw(statement.clone()).await?.rows_affected());
        }
        transaction.commit().await?;
        Ok(rows)
    }

    /// Waits for an answer, but not for ever. Whatever is wrong with a connection is taken for wrong
    /// with all of its age.
    pub(crate) async fn bounded<T>(
        &self,
        work: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        // Not dropped before trust is withdrawn: only then is its connection closed as well.
        let mut work = pin!(work);
        let answer = timeout(self.patience, work.as_mut()).await;
        let answer = answer.unwrap_or_else(|_| {
            self.trust.withdraw();
            Err(DbErr::Custom("the database did not answer in time".to_owned()))
        });
        match &answer {
            Err(DbErr::ConnectionAcquire(_)) => self.writer.renew_after(self.patience).await,
            Err(error) if Failure::of(error) == Failure::Lost => self.trust.withdraw(),
            Err(error) if !is_answer(error) => {}
            Ok(_) | Err(_) => self.writer.heard(),
        }
        answer
    }
}
