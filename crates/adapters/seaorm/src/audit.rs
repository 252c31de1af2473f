//! The audit trail: rows that are written once, and outlive the accounts they are about.

use async_trait::async_trait;
use fastauth_domain::{
    audit::{Change, Detail, Event, EventKind},
    identifier::{AccountId, EventId, SessionId},
    time::Timestamp,
    visitor::Origin,
};
use fastauth_ports::{audit::ReadAudit, unavailable::Unavailable};
use sea_orm::{
    DbBackend, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect, Select,
    entity::prelude::*,
};

use crate::{SqlStore, origin, row::ImpossibleRow, write::Write};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    at: i64,
    kind: String,
    account_id: Option<Uuid>,
    session_id: Option<Uuid>,
    address: Option<String>,
    user_agent: Option<String>,
    device: Option<String>,
    /// When the event happened, for as long as it is known where it came from.
    origin_at: Option<i64>,
    actor_id: Option<Uuid>,
    detail: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Event> for Model {
    fn from(event: &Event) -> Self {
        let origin::Columns { address, user_agent, device } = (&event.origin).into();
        Self {
            id: event.id.uuid(),
            at: event.at.unix_micros(),
            kind: event.kind.name().to_owned(),
            account_id: event.account.map(AccountId::uuid),
            session_id: event.session.map(SessionId::uuid),
            origin_at: (event.origin != Origin::default()).then_some(event.at.unix_micros()),
            address,
            user_agent,
            device,
            actor_id: event.actor.map(AccountId::uuid),
            detail: event.detail.as_ref().map(|detail| detail.as_str().to_owned()),
        }
    }
}

impl TryFrom<Model> for Event {
    type Error = ImpossibleRow;

    fn try_from(row: Model) -> Result<Self, ImpossibleRow> {
        let impossible = || ImpossibleRow { table: "audit_event", column: "kind", id: row.id };
        let Model { address, user_agent, device, .. } = row;
        Ok(Self {
            id: row.id.into(),
            at: Timestamp::from_unix_micros(row.at),
            kind: EventKind::of_name(&row.kind).ok_or_else(impossible)?,
            account: row.account_id.map(AccountId::from),
            session: row.session_id.map(SessionId::from),
            origin: origin::Columns { address, user_agent, device }.into(),
            actor: row.actor_id.map(AccountId::from),
            detail: row.detail.map(Detail::new),
        })
    }
}

#[async_trait]
impl ReadAudit for SqlStore {
    async fn events_about(
        &self,
        account: AccountId,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<Event>, Unavailable> {
        let about = Entity::find().filter(Column::AccountId.eq(account.uuid()));
        let earlier = match before {
            Some(before) => about.filter(Column::Id.lt(before.uuid())),
            None => about,
        };
        self.events(earlier.order_by_desc(Column::Id).limit(u64::from(limit))).await
    }

    async fn events_since(&self, at: Timestamp, limit: u32) -> Result<Vec<Event>, Unavailable> {
        let since = Entity::find()
            .filter(Column::At.gte(at.unix_micros()))
            .order_by_asc(Column::At)
            .limit(u64::from(limit));
        self.events(since).await
    }

    async fn latest_events(&self, limit: u32) -> Result<Vec<Event>, Unavailable> {
        // Every event is: so that SQLite goes by the index of when they happened.
        let newest = Entity::find()
            .filter(Column::At.lte(i64::MAX))
            .order_by_desc(Column::At)
            .limit(u64::from(limit));
        self.events(newest).await
    }
}

pub(crate) fn write(backend: DbBackend, change: &Change) -> Write {
    match change {
        Change::Record(event) => {
            Write::any(backend, &Entity::insert(Model::from(event).into_active_model()))
        }
        Change::Erase(account) => {
            let about = Column::AccountId.eq(account.uuid());
            Write::any(backend, &Entity::delete_many().filter(about))
        }
    }
}

impl SqlStore {
    /// Events, without those of kinds that only a newer version knows.
    async fn events(&self, query: Select<Entity>) -> Result<Vec<Event>, Unavailable> {
        let rows = self.rows(&query).await.map_err(Unavailable::new)?;
        let rows = rows.iter().map(|row| Model::from_query_result(row, ""));
        let rows = rows.collect::<Result<Vec<_>, _>>().map_err(Unavailable::new)?;
        Ok(rows.into_iter().filter_map(|row| Event::try_from(row).ok()).collect())
    }

    /// Whether an event is stored, and with it the list of changes that it is the receipt of.
    pub(crate) async fn is_stored(&self, id: EventId) -> Result<bool, DbErr> {
        let event = Entity::find_by_id(id.uuid()).select_only().column(Column::Id);
        Ok(!self.rows(&event).await?.is_empty())
    }
}
