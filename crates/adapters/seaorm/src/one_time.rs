//! One-time tokens: the table, and the one statement by which a token is spent.

use async_trait::async_trait;
use fastauth_domain::{
    change::Conflict,
    email::EmailAddress,
    identifier::AccountId,
    one_time::{Change, Consumption, IssuedToken, Kind, OneTimeToken},
    time::Timestamp,
    token::TokenHash,
};
use fastauth_ports::{one_time::ReadOneTimeTokens, unavailable::Unavailable};
use sea_orm::{
    DbBackend, DeleteMany, FromQueryResult, IntoActiveModel, SelectA, SelectB, entity::prelude::*,
    sea_query::OnConflict,
};

use crate::{SqlStore, account, row::ImpossibleRow, write::Write};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_token")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    kind: String,
    hash: Vec<u8>,
    expires_at: i64,
    email: Option<String>,
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

impl From<&OneTimeToken> for Model {
    fn from(token: &OneTimeToken) -> Self {
        Self {
            account_id: token.account.uuid(),
            kind: token.kind.name().to_owned(),
            hash: token.hash.as_bytes().to_vec(),
            expires_at: token.expires_at.unix_micros(),
            email: token.email.as_ref().map(|email| email.as_typed().to_owned()),
        }
    }
}

impl TryFrom<Model> for OneTimeToken {
    type Error = ImpossibleRow;

    fn try_from(row: Model) -> Result<Self, ImpossibleRow> {
        let impossible =
            |column| ImpossibleRow { table: "one_time_token", column, id: row.account_id };
        let kind = Kind::ALL.iter().copied().find(|kind| kind.name() == row.kind);
        let email = row.email.as_deref().map(EmailAddress::parse).transpose();
        Ok(Self {
            kind: kind.ok_or_else(|| impossible("kind"))?,
            account: row.account_id.into(),
            hash: TokenHash::from_stored(row.hash.try_into().map_err(|_| impossible("hash"))?),
            expires_at: Timestamp::from_unix_micros(row.expires_at),
            email: email.map_err(|_| impossible("email"))?,
        })
    }
}

#[async_trait]
impl ReadOneTimeTokens for SqlStore {
    async fn issued(
        &self,
        kind: Kind,
        hash: TokenHash,
    ) -> Result<Option<IssuedToken>, Unavailable> {
        let query = Entity::find()
            .filter(Column::Kind.eq(kind.name()))
            .filter(Column::Hash.eq(hash.as_bytes().as_slice()))
            .find_both_related(account::Entity);
        let rows = self.rows(&query).await.map_err(Unavailable::new)?;
        let Some(row) = rows.first() else { return Ok(None) };
        let token = Model::from_query_result(row, SelectA.as_str()).map_err(Unavailable::new)?;
        Ok(Some(IssuedToken {
            token: token.try_into().map_err(Unavailable::new)?,
            account: account::from_row(row, SelectB.as_str())?,
        }))
    }

    async fn unspent(&self, account: AccountId) -> Result<Vec<OneTimeToken>, Unavailable> {
        let query = Entity::find().filter(Column::AccountId.eq(account.uuid()));
        let rows = self.rows(&query).await.map_err(Unavailable::new)?;
        let read = |row| Model::from_query_result(row, "").map_err(Unavailable::new);
        rows.iter().map(|row| read(row)?.try_into().map_err(Unavailable::new)).collect()
    }
}

pub(crate) fn write(backend: DbBackend, change: &Change) -> Write {
    match change {
        Change::Issue(token) => issue(backend, token),
        Change::IssueFirst(token) => {
            let insert = Entity::insert(Model::from(token).into_active_model());
            Write::new(backend, &insert, Conflict::TokenPending)
        }
        Change::Withdraw { account, kind } => Write::any(backend, &withdraw(*account, *kind)),
        Change::WithdrawExpired { account, kind, now } => {
            let has_expired = Column::ExpiresAt.lte(now.unix_micros());
            Write::any(backend, &withdraw(*account, *kind).filter(has_expired))
        }
        Change::Consume(consumption) => consume_once(backend, consumption),
    }
}

fn withdraw(account: AccountId, kind: Kind) -> DeleteMany<Entity> {
    Entity::delete_many()
        .filter(Column::AccountId.eq(account.uuid()))
        .filter(Column::Kind.eq(kind.name()))
}

/// Puts a token in the place of the account's earlier one of that kind, if there is one.
fn issue(backend: DbBackend, token: &OneTimeToken) -> Write {
    let earlier = OnConflict::columns([Column::AccountId, Column::Kind])
        .update_columns([Column::Hash, Column::ExpiresAt, Column::Email])
        .to_owned();
    let insert = Entity::insert(Model::from(token).into_active_model()).on_conflict(earlier);
    Write::any(backend, &insert)
}

/// The one door through which a single-use secret is spent, of whatever kind: of any number of
/// callers the database lets one delete the row.
fn consume_once(backend: DbBackend, consumption: &Consumption) -> Write {
    let spend = Entity::delete_many()
        .filter(Column::Kind.eq(consumption.kind().name()))
        .filter(Column::Hash.eq(consumption.hash().as_bytes().as_slice()))
        .filter(Column::ExpiresAt.gt(consumption.now().unix_micros()));
    Write::one(backend, &spend, Conflict::TokenSpent)
}
