//! What has become of mail, and the suppression list.

use async_trait::async_trait;
use fastauth_domain::{
    delivery::{Cause, Change, Delivery, State, Suppression},
    email::EmailKey,
    identifier::MailId,
    time::Timestamp,
};
use fastauth_ports::{
    deliveries::{ReadDeliveries, RepairOutbox},
    unavailable::Unavailable,
};
use sea_orm::{
    DbBackend, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect, Select,
    entity::prelude::*, sea_query::OnConflict,
};

use crate::{SqlStore, mail, write::Write};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "suppression")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    address_key: String,
    cause: String,
    at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[async_trait]
impl ReadDeliveries for SqlStore {
    async fn delivery(&self, id: MailId) -> Result<Option<Delivery>, Unavailable> {
        Ok(self.deliveries(mail::Entity::find_by_id(id.uuid())).await?.pop())
    }

    async fn deliveries_to(
        &self,
        address: &EmailKey,
        limit: u32,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let newest = mail::Entity::find()
            .filter(mail::Column::RecipientKey.eq(address.as_str()))
            .order_by_desc(mail::Column::CreatedAt)
            .limit(u64::from(limit));
        self.deliveries(newest).await
    }

    async fn deliveries_in(&self, state: State, limit: u32) -> Result<Vec<Delivery>, Unavailable> {
        let oldest = mail::Entity::find()
            .filter(mail::Column::State.eq(state.name()))
            .order_by_asc(mail::Column::DueAt)
            .order_by_asc(mail::Column::Id)
            .limit(u64::from(limit));
        self.deliveries(oldest).await
    }

    async fn suppression(&self, address: &EmailKey) -> Result<Option<Suppression>, Unavailable> {
        let rows = self.rows(&Entity::find_by_id(address.as_str())).await;
        let Some(row) = rows.map_err(Unavailable::new)?.pop() else { return Ok(None) };
        let row = Model::from_query_result(&row, "").map_err(Unavailable::new)?;
        let cause = Cause::named(&row.cause);
        let cause = cause.ok_or_else(|| Unavailable::new("a suppression of an unknown cause"))?;
        let at = Timestamp::from_unix_micros(row.at);
        Ok(Some(Suppression { address: address.clone(), cause, at }))
    }
}

#[async_trait]
impl RepairOutbox for SqlStore {
    async fn requeue(&self, id: MailId, now: Timestamp) -> Result<bool, Unavailable> {
        let update = mail::Entity::update_many()
            .col_expr(mail::Column::State, Expr::value(State::Queued.name()))
            .col_expr(mail::Column::DueAt, Expr::value(now.unix_micros()))
            .col_expr(mail::Column::Attempts, Expr::value(0_i64))
            .col_expr(mail::Column::SettledAt, Expr::value(None::<i64>))
            .filter(mail::Column::Id.eq(id.uuid()));
        Ok(self.write(&update).await? == 1)
    }

    async fn forget(&self, id: MailId) -> Result<bool, Unavailable> {
        Ok(self.write(&mail::Entity::delete_by_id(id.uuid())).await? == 1)
    }
}

impl SqlStore {
    async fn deliveries(&self, query: Select<mail::Entity>) -> Result<Vec<Delivery>, Unavailable> {
        let rows = self.rows(&query).await.map_err(Unavailable::new)?;
        let read = |row| mail::Model::from_query_result(row, "").map_err(Unavailable::new);
        let deliveries = rows.iter().map(|row| read(row)?.try_into().map_err(Unavailable::new));
        deliveries.collect()
    }
}

pub(crate) fn write(backend: DbBackend, change: &Change) -> Write {
    match change {
        Change::Note(notice) => {
            let predecessors = notice.event.predecessors().iter().map(|state| state.name());
            let reason = notice.reason.as_ref().map(|reason| reason.as_str().to_owned());
            let update = mail::Entity::update_many()
                .col_expr(mail::Column::State, Expr::value(notice.event.state().name()))
                .col_expr(mail::Column::Reason, Expr::value(reason))
                .filter(mail::Column::Id.eq(notice.mail.uuid()))
                .filter(mail::Column::State.is_in(predecessors));
            Write::any(backend, &update)
        }
        Change::Suppress(suppression) => {
            let row = Model {
                address_key: suppression.address.as_str().to_owned(),
                cause: suppression.cause.name().to_owned(),
                at: suppression.at.unix_micros(),
            };
            let again = OnConflict::column(Column::AddressKey)
                .update_columns([Column::Cause, Column::At])
                .to_owned();
            Write::any(backend, &Entity::insert(row.into_active_model()).on_conflict(again))
        }
        Change::Lift(address) => Write::any(backend, &Entity::delete_by_id(address.as_str())),
        Change::ForgetAll(account) => {
            let about = mail::Column::AccountId.eq(account.uuid());
            Write::any(backend, &mail::Entity::delete_many().filter(about))
        }
    }
}
