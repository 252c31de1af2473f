//! The audit trail: rows that are written once, and outlive the accounts they are about.

use fastauth_domain::{
    audit::Event,
    identifier::{AccountId, EventId, SessionId},
};
#[cfg(feature = "fault")]
use fastauth_domain::{
    audit::{Detail, EventKind},
    time::Timestamp,
};
use sea_orm::{DbBackend, IntoActiveModel, QuerySelect, entity::prelude::*};

#[cfg(feature = "fault")]
use crate::row::ImpossibleRow;
use crate::{SqlStore, write::Write};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    at: i64,
    kind: String,
    account_id: Option<Uuid>,
    session_id: Option<Uuid>,
    actor_id: Option<Uuid>,
    detail: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Event> for Model {
    fn from(event: &Event) -> Self {
        Self {
            id: event.id.uuid(),
            at: event.at.unix_micros(),
            kind: event.kind.name().to_owned(),
            account_id: event.account.map(AccountId::uuid),
            session_id: event.session.map(SessionId::uuid),
            actor_id: event.actor.map(AccountId::uuid),
            detail: event.detail.as_ref().map(|detail| detail.as_str().to_owned()),
        }
    }
}

#[cfg(feature = "fault")]
impl TryFrom<Model> for Event {
    type Error = ImpossibleRow;

    fn try_from(row: Model) -> Result<Self, ImpossibleRow> {
        let kind = EventKind::ALL.iter().copied().find(|kind| kind.name() == row.kind);
        let impossible = || ImpossibleRow { table: "audit_event", column: "kind", id: row.id };
        Ok(Self {
            id: row.id.into(),
            at: Timestamp::from_unix_micros(row.at),
            kind: kind.ok_or_else(impossible)?,
            account: row.account_id.map(AccountId::from),
            session: row.session_id.map(SessionId::from),
            actor: row.actor_id.map(AccountId::from),
            detail: row.detail.map(Detail::new),
        })
    }
}

pub(crate) fn write(backend: DbBackend, event: &Event) -> Write {
    Write::any(backend, &Entity::insert(Model::from(event).into_active_model()))
}

impl SqlStore {
    /// Whether an event is stored, and with it the list of changes that it is the receipt of.
    pub(crate) async fn is_stored(&self, id: EventId) -> Result<bool, DbErr> {
        let event = Entity::find_by_id(id.uuid()).select_only().column(Column::Id);
        Ok(!self.rows(&event).await?.is_empty())
    }
}
