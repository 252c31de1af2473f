//! Counting attempts: a conditional update for each bucket, whose row count decides.

use async_trait::async_trait;
use fastauth_domain::{
    limit::{Bucket, Full},
    time::Timestamp,
};
use fastauth_ports::{limits::LimitAttempts, unavailable::Unavailable};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, ExprTrait, IntoActiveModel, QueryTrait,
    TransactionTrait, UpdateMany,
    entity::prelude::*,
    sea_query::{CaseStatement, OnConflict},
};

use crate::{SqlStore, commit::write_at_once, failure::Patience};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bucket")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    due_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[async_trait]
impl LimitAttempts for SqlStore {
    async fn attempt(
        &self,
        buckets: &[Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Full>, Unavailable> {
        // In one order, so that two attempts do not wait for each other.
        let mut buckets: Vec<&Bucket> = buckets.iter().collect();
        buckets.sort_by(|one, other| one.name.cmp(&other.name));
        let _turn = self.queue_up()?;
        let mut patience = Patience::new();
        loop {
            match self.take_all(&buckets, now).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) => patience.wait_out(error).await.map_err(Unavailable::new)?,
            }
        }
    }
}

impl SqlStore {
    async fn take_all(
        &self,
        buckets: &[&Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Full>, DbErr> {
        let writer = self.writer.connections();
        let begin = writer.begin_with_options(write_at_once());
        let transaction = self.bounded(begin).await?;
        let taken = self.bounded(take_each(&transaction, buckets, now)).await;
        match taken {
            Ok(Ok(())) => {
                self.bounded(transaction.commit()).await?;
                return Ok(Ok(()));
            }
            // Without an answer to it the connection is given up, which undoes it as well.
            Ok(Err(_)) | Err(_) => self.bounded(transaction.rollback()).await?,
        }
        taken
    }
}

async fn take_each(
    transaction: &DatabaseTransaction,
    buckets: &[&Bucket],
    now: Timestamp,
) -> Result<Result<(), Full>, DbErr> {
    for bucket in buckets {
        if !take(transaction, bucket, now).await? {
            let due = due(transaction, bucket).await?;
            let full = bucket.rate.take(due, now).err().unwrap_or(Full { until: now });
            return Ok(Err(full));
        }
    }
    Ok(Ok(()))
}

/// Counts an attempt in a bucket, if it has room.
async fn take(
    transaction: &DatabaseTransaction,
    bucket: &Bucket,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let backend = transaction.get_database_backend();
    let count = async || -> Result<bool, DbErr> {
        let counted = transaction.execute_raw(counting(bucket, now).build(backend)).await?;
        Ok(counted.rows_affected() == 1)
    };
    if count().await? {
        return Ok(true);
    }
    // It is full, or it is not there yet. Somebody else may make it at the same moment.
    let new = Model { name: bucket.name.clone(), due_at: now.unix_micros() };
    let or_leave = OnConflict::column(Column::Name).update_column(Column::Name).to_owned();
    let make = Entity::insert(new.into_active_model()).on_conflict(or_leave);
    transaction.execute_raw(make.build(backend)).await?;
    count().await
}

fn counting(bucket: &Bucket, now: Timestamp) -> UpdateMany<Entity> {
    let micros = |moment: Timestamp| moment.unix_micros();
    let latest = now.plus(bucket.rate.tolerance());
    let interval = i64::try_from(bucket.rate.interval().as_micros()).unwrap_or(i64::MAX);
    let due = || Expr::col(Column::DueAt);
    let present = CaseStatement::new().case(due().gt(micros(now)), due());
    let present: Expr = present.finally(micros(now)).into();
    Entity::update_many()
        .col_expr(Column::DueAt, present.add(interval))
        .filter(Column::Name.eq(bucket.name.as_str()))
        .filter(Column::DueAt.lte(micros(latest)))
}

async fn due(
    transaction: &DatabaseTransaction,
    bucket: &Bucket,
) -> Result<Option<Timestamp>, DbErr> {
    let found = Entity::find_by_id(bucket.name.as_str()).one(transaction).await?;
    Ok(found.map(|row| Timestamp::from_unix_micros(row.due_at)))
}
