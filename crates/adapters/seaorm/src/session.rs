//! Sessions: the table, and what is read from it and written to it.

use std::num::NonZeroU32;

use async_trait::async_trait;
use fastauth_domain::{
    change::Conflict,
    identifier::{AccountId, SessionId},
    refresh_token::Generation,
    session::{Change, Persistence, Session, SignedIn},
    time::Timestamp,
    token::TokenHash,
};
use fastauth_ports::{sessions::ReadSessions, unavailable::Unavailable};
use sea_orm::{
    DbBackend, FromQueryResult, IntoActiveModel, Order, QueryOrder, QuerySelect, SelectA, SelectB,
    UpdateMany,
    entity::prelude::*,
    sea_query::{ExprTrait, Query},
};

use crate::{SqlStore, account, origin, row::ImpossibleRow, write::Write};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    account_id: Uuid,
    secret_hash: Vec<u8>,
    generation: i64,
    turned_at: i64,
    remembered: bool,
    opened_at: i64,
    idle_until: i64,
    ends_at: i64,
    revoked_at: Option<i64>,
    address: Option<String>,
    user_agent: Option<String>,
    device: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "account::Entity",
        from = "Column::AccountId",
        to = "account::Column::Id"
    )]
    Account,
}

impl Related<account::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Account.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Session> for Model {
    fn from(session: &Session) -> Self {
        let origin::Columns { address, user_agent, device } = (&session.origin).into();
        Self {
            id: session.id.uuid(),
            account_id: session.account.uuid(),
            secret_hash: session.secret.as_bytes().to_vec(),
            generation: session.generation.number().into(),
            turned_at: session.turned_at.unix_micros(),
            remembered: session.persistence == Persistence::Remembered,
            opened_at: session.opened_at.unix_micros(),
            idle_until: session.idle_until.unix_micros(),
            ends_at: session.ends_at.unix_micros(),
            revoked_at: session.revoked_at.map(Timestamp::unix_micros),
            address,
            user_agent,
            device,
        }
    }
}

impl TryFrom<Model> for Session {
    type Error = ImpossibleRow;

    fn try_from(row: Model) -> Result<Self, ImpossibleRow> {
        let impossible = |column| ImpossibleRow { table: "session", column, id: row.id };
        let secret = row.secret_hash.try_into().map_err(|_| impossible("secret_hash"))?;
        let generation = row.generation.try_into().map_err(|_| impossible("generation"))?;
        Ok(Self {
            id: row.id.into(),
            account: row.account_id.into(),
            secret: TokenHash::from_stored(secret),
            generation: Generation::from_stored(generation),
            turned_at: Timestamp::from_unix_micros(row.turned_at),
            persistence: if row.remembered { Persistence::Remembered } else { Persistence::Normal },
            opened_at: Timestamp::from_unix_micros(row.opened_at),
            idle_until: Timestamp::from_unix_micros(row.idle_until),
            ends_at: Timestamp::from_unix_micros(row.ends_at),
            revoked_at: row.revoked_at.map(Timestamp::from_unix_micros),
            origin: origin::Columns {
                address: row.address,
                user_agent: row.user_agent,
                device: row.device,
            }
            .into(),
        })
    }
}

#[async_trait]
impl ReadSessions for SqlStore {
    async fn session(&self, id: SessionId) -> Result<Option<SignedIn>, Unavailable> {
        let query = Entity::find_by_id(id.uuid()).find_both_related(account::Entity);
        let rows = self.rows(&query).await.map_err(Unavailable::new)?;
        let Some(row) = rows.first() else { return Ok(None) };
        let session = Model::from_query_result(row, SelectA.as_str()).map_err(Unavailable::new)?;
        Ok(Some(SignedIn {
            session: session.try_into().map_err(Unavailable::new)?,
            account: account::from_row(row, SelectB.as_str())?,
        }))
    }

    async fn sessions_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<Session>, Unavailable> {
        let query = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .order_by_desc(Column::OpenedAt)
            .limit(u64::from(limit));
        let rows = self.rows(&query).await.map_err(Unavailable::new)?;
        let read = |row| Model::from_query_result(row, "").map_err(Unavailable::new);
        rows.iter().map(|row| read(row)?.try_into().map_err(Unavailable::new)).collect()
    }
}

pub(crate) fn write(backend: DbBackend, change: &Change) -> Write {
    match change {
        Change::Open(session) => {
            Write::any(backend, &Entity::insert(Model::from(session).into_active_model()))
        }
        Change::Turn { id, from, at, idle_until } => {
            let turn = Entity::update_many()
                .col_expr(Column::Generation, Expr::value(from.next().number()))
                .col_expr(Column::TurnedAt, Expr::value(at.unix_micros()))
                .col_expr(Column::IdleUntil, Expr::value(idle_until.unix_micros()))
                .filter(Column::Id.eq(id.uuid()))
                .filter(Column::Generation.eq(from.number()))
                .filter(Column::RevokedAt.is_null());
            Write::one(backend, &turn, Conflict::SessionMoved)
        }
        Change::Revoke { id, at } => {
            Write::any(backend, &revocation(*at).filter(Column::Id.eq(id.uuid())))
        }
        Change::RevokeAll { account, at } => {
            Write::any(backend, &revocation(*at).filter(Column::AccountId.eq(account.uuid())))
        }
        Change::RevokeOthers { account, keep, at } => {
            let others = revocation(*at)
                .filter(Column::AccountId.eq(account.uuid()))
                .filter(Column::Id.ne(keep.uuid()));
            Write::any(backend, &others)
        }
        Change::Trim { account, most, at } => Write::any(backend, &trim(*account, *most, *at)),
    }
}

/// Ends what is alive beyond the most that may be. The list of what goes on is a table of its own,
/// because MariaDB and MySQL change no table that the same statement selects from.
fn trim(account: AccountId, most: NonZeroU32, at: Timestamp) -> UpdateMany<Entity> {
    let is_alive = || {
        Column::AccountId
            .eq(account.uuid())
            .and(Column::RevokedAt.is_null())
            .and(Column::IdleUntil.gt(at.unix_micros()))
    };
    let kept = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(is_alive())
        .order_by(Column::TurnedAt, Order::Desc)
        .order_by(Column::Id, Order::Desc)
        .limit(u64::from(most.get()))
        .take();
    let ids = Query::select().column(Column::Id).from_subquery(kept, "kept").take();
    revocation(at).filter(is_alive()).filter(Column::Id.not_in_subquery(ids))
}

/// The first revocation counts; a later one finds nothing to do.
fn revocation(at: Timestamp) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(at.unix_micros()))
        .filter(Column::RevokedAt.is_null())
}
