//! Removing what is of no use any more, a batch at a time: one statement finds it by way of an
//! index, and one deletes it.
//!
//! The second repeats the condition of the first, so that a row that was used or replaced in between
//! stays. A list of keys is what bounds a deletion on every engine.

use async_trait::async_trait;
use fastauth_domain::{retention::Remains, time::Timestamp};
use fastauth_ports::{housekeeping::RemoveRemains, unavailable::Unavailable};
use sea_orm::{QueryOrder, QuerySelect, TryGetable, Value, entity::prelude::*};

use crate::{SqlStore, audit, limit, mail, one_time, pending_request, session};

#[async_trait]
impl RemoveRemains for SqlStore {
    async fn remove(
        &self,
        remains: Remains,
        horizon: Timestamp,
        limit: u32,
    ) -> Result<u64, Unavailable> {
        use {
            audit::Column as Event, limit::Column as Bucket, mail::Column as Mail,
            one_time::Column as Token, pending_request::Column as Request,
            session::Column as Session,
        };
        match remains {
            Remains::OneTimeTokens => {
                let rows = Rows { key: Token::Hash, end: Token::ExpiresAt };
                self.remove_batch::<one_time::Entity, Vec<u8>>(rows, horizon, limit).await
            }
            Remains::ExpiredSessions => {
                let rows = Rows { key: Session::Id, end: Session::IdleUntil };
                self.remove_batch::<session::Entity, Uuid>(rows, horizon, limit).await
            }
            Remains::RevokedSessions => {
                let rows = Rows { key: Session::Id, end: Session::RevokedAt };
                self.remove_batch::<session::Entity, Uuid>(rows, horizon, limit).await
            }
            Remains::AuditEvents => {
                let rows = Rows { key: Event::Id, end: Event::At };
                self.remove_batch::<audit::Entity, Uuid>(rows, horizon, limit).await
            }
            Remains::PendingRequests => {
                let rows = Rows { key: Request::Id, end: Request::CreatedAt };
                self.remove_batch::<pending_request::Entity, Uuid>(rows, horizon, limit).await
            }
            Remains::Buckets => {
                let rows = Rows { key: Bucket::Name, end: Bucket::DueAt };
                self.remove_batch::<limit::Entity, String>(rows, horizon, limit).await
            }
            Remains::SettledMails => {
                let rows = Rows { key: Mail::Id, end: Mail::SettledAt };
                self.remove_batch::<mail::Entity, Uuid>(rows, horizon, limit).await
            }
        }
    }

    async fn forget_origins(&self, horizon: Timestamp, limit: u32) -> Result<u64, Unavailable> {
        use audit::Column::{Address, Device, Id, OriginAt, UserAgent};
        let rows = Rows { key: Id, end: OriginAt };
        let keys = self.keys::<audit::Entity, Uuid>(rows, horizon, limit).await?;
        if keys.is_empty() {
            return Ok(0);
        }
        let nothing = || Expr::value(None::<String>);
        let forget = audit::Entity::update_many()
            .col_expr(Address, nothing())
            .col_expr(UserAgent, nothing())
            .col_expr(Device, nothing())
            .col_expr(OriginAt, Expr::value(None::<i64>))
            .filter(Id.is_in(keys))
            .filter(OriginAt.is_not_null());
        self.write(&forget).await
    }
}

/// Where rows of a table say which they are, and when they came to their end.
#[derive(Clone, Copy)]
struct Rows<C> {
    key: C,
    end: C,
}

impl SqlStore {
    async fn remove_batch<E, K>(
        &self,
        Rows { key, end }: Rows<E::Column>,
        horizon: Timestamp,
        limit: u32,
    ) -> Result<u64, Unavailable>
    where
        E: EntityTrait,
        K: TryGetable + Into<Value>,
    {
        let keys = self.keys::<E, K>(Rows { key, end }, horizon, limit).await?;
        if keys.is_empty() {
            return Ok(0);
        }
        let is_past = end.lte(horizon.unix_micros());
        self.write(&E::delete_many().filter(key.is_in(keys)).filter(is_past)).await
    }

    /// Which rows came to their end by then, at most so many.
    async fn keys<E, K>(
        &self,
        Rows { key, end }: Rows<E::Column>,
        horizon: Timestamp,
        limit: u32,
    ) -> Result<Vec<K>, Unavailable>
    where
        E: EntityTrait,
        K: TryGetable,
    {
        // In the order of the index, which is then the one that is used.
        let found = E::find()
            .select_only()
            .column(key)
            .filter(end.lte(horizon.unix_micros()))
            .order_by_asc(end)
            .limit(u64::from(limit));
        let found = self.rows(&found).await.map_err(Unavailable::new)?;
        let keys = found.iter().map(|row| row.try_get_by_index::<K>(0));
        keys.collect::<Result<_, _>>().map_err(Unavailable::new)
    }
}
