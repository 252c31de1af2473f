//! Counting attempts: a conditional update for each bucket, whose row count decides.
//!
//! What is full already is refused after a look at it, so that whoever goes on trying makes nobody wait
//! who writes.

use std::collections::HashMap;

use async_trait::async_trait;
use fastauth_domain::{
    limit::{Bucket, Change, Reached},
    time::Timestamp,
};
use fastauth_ports::{limits::LimitAttempts, unavailable::Unavailable};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExprTrait, FromQueryResult,
    IntoActiveModel, QueryTrait, TransactionTrait, UpdateMany,
    entity::prelude::*,
    sea_query::{CaseStatement, OnConflict},
};

use crate::{SqlStore, commit::write_at_once, failure::Patience, write::Write};

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
    ) -> Result<Result<(), Reached>, Unavailable> {
        if buckets.is_empty() {
            return Ok(Ok(()));
        }
        // In one order, so that two attempts do not wait for each other.
        let mut buckets: Vec<&Bucket> = buckets.iter().collect();
        buckets.sort_by(|one, other| one.name.cmp(&other.name));
        let known = self.known(&buckets).await.map_err(Unavailable::new)?;
        let reached = |bucket: &&Bucket| reached(bucket, known.get(&bucket.name).copied(), now);
        if let Some(reached) = buckets.iter().find_map(reached) {
            return Ok(Err(reached));
        }
        let is_new = |bucket: &&Bucket| !known.contains_key(&bucket.name);
        let new: Vec<&Bucket> = buckets.iter().copied().filter(is_new).collect();
        let _turn = self.queue_up()?;
        let mut patience = Patience::new();
        loop {
            match self.take_all(&buckets, &new, now).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) => patience.wait_out(error).await.map_err(Unavailable::new)?,
            }
        }
    }
}

impl SqlStore {
    /// When the next attempt is due in each bucket that is there.
    async fn known(&self, buckets: &[&Bucket]) -> Result<HashMap<String, Timestamp>, DbErr> {
        let names = buckets.iter().map(|bucket| bucket.name.as_str());
        let found = self.rows(&Entity::find().filter(Column::Name.is_in(names))).await?;
        let row = |row| {
            let Model { name, due_at } = Model::from_query_result(row, "")?;
            Ok((name, Timestamp::from_unix_micros(due_at)))
        };
        found.iter().map(row).collect()
    }

    async fn take_all(
        &self,
        buckets: &[&Bucket],
        new: &[&Bucket],
        now: Timestamp,
    ) -> Result<Result<(), Reached>, DbErr> {
        let writer = self.writer.connections();
        let begin = writer.begin_with_options(write_at_once());
        let transaction = self.bounded(begin).await?;
        let take_each = async {
            make(&transaction, new, now).await?;
            take_each(&transaction, buckets, now).await
        };
        let taken = self.bounded(take_each).await;
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

/// What an attempt comes to for which there is no room.
fn reached(bucket: &Bucket, due: Option<Timestamp>, now: Timestamp) -> Option<Reached> {
    let full = bucket.rate.take(due, now).err()?;
    Some(Reached { bucket: bucket.clone(), until: full.until })
}

async fn take_each(
    transaction: &DatabaseTransaction,
    buckets: &[&Bucket],
    now: Timestamp,
) -> Result<Result<(), Reached>, DbErr> {
    for bucket in buckets {
        if !take(transaction, bucket, now).await? {
            let due = due(transaction, bucket).await?;
            let at_once = || Reached { bucket: (*bucket).clone(), until: now };
            return Ok(Err(reached(bucket, due, now).unwrap_or_else(at_once)));
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
    // It is full, or it was forgotten at this moment.
    make(transaction, &[bucket], now).await?;
    count().await
}

/// Makes buckets that are not there yet. Somebody else may make them at the same moment.
async fn make(
    transaction: &DatabaseTransaction,
    buckets: &[&Bucket],
    now: Timestamp,
) -> Result<(), DbErr> {
    if buckets.is_empty() {
        return Ok(());
    }
    let row = |bucket: &&Bucket| {
        Model { name: bucket.name.clone(), due_at: now.unix_micros() }.into_active_model()
    };
    let or_leave = OnConflict::column(Column::Name).update_column(Column::Name).to_owned();
    let make = Entity::insert_many(buckets.iter().map(row)).on_conflict(or_leave);
    transaction.execute_raw(make.build(transaction.get_database_backend())).await?;
    Ok(())
}

/// What a change is to the database.
pub(crate) fn write(backend: DbBackend, change: &Change) -> Write {
    match change {
        Change::Forget(names) => {
            let names = names.iter().map(String::as_str);
            Write::any(backend, &Entity::delete_many().filter(Column::Name.is_in(names)))
        }
        Change::GiveBack(bucket) => {
            let due = Expr::col(Column::DueAt).sub(interval(bucket));
            let give_back = Entity::update_many()
                .col_expr(Column::DueAt, due)
                .filter(Column::Name.eq(bucket.name.as_str()));
            Write::any(backend, &give_back)
        }
    }
}

fn counting(bucket: &Bucket, now: Timestamp) -> UpdateMany<Entity> {
    let micros = |moment: Timestamp| moment.unix_micros();
    let (latest, horizon) = (now.plus(bucket.rate.tolerance()), bucket.rate.horizon(now));
    let due = || Expr::col(Column::DueAt);
    let is_ahead = due().gt(micros(now)).and(due().lte(micros(horizon)));
    let present: Expr = CaseStatement::new().case(is_ahead, due()).finally(micros(now)).into();
    Entity::update_many()
        .col_expr(Column::DueAt, present.add(interval(bucket)))
        .filter(Column::Name.eq(bucket.name.as_str()))
        .filter(Column::DueAt.lte(micros(latest)).or(Column::DueAt.gt(micros(horizon))))
}

fn interval(bucket: &Bucket) -> i64 {
    i64::try_from(bucket.rate.interval().as_micros()).unwrap_or(i64::MAX)
}

async fn due(
    transaction: &DatabaseTransaction,
    bucket: &Bucket,
) -> Result<Option<Timestamp>, DbErr> {
    let found = Entity::find_by_id(bucket.name.as_str()).one(transaction).await?;
    Ok(found.map(|row| Timestamp::from_unix_micros(row.due_at)))
}
