//! One-time tokens: the table, and the one statement by which a token is spent.

use async_trait::async_trait;
use fastauth_domain::{
    account::Account,
    change::Conflict,
    one_time::{Change, Consumption, IssuedToken, Kind, OneTimeToken},
    time::Timestamp,
    token::TokenHash,
};
use fastauth_ports::{one_time::ReadOneTimeTokens, unavailable::Unavailable};
use sea_orm::{IntoActiveModel, entity::prelude::*, sea_query::OnConflict};

use crate::{
    SqlStore, account,
    commit::{Refusal, expect_one},
    row::ImpossibleRow,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_token")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    kind: String,
    hash: Vec<u8>,
    expires_at: i64,
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
        }
    }
}

impl TryFrom<Model> for OneTimeToken {
    type Error = ImpossibleRow;

    fn try_from(row: Model) -> Result<Self, ImpossibleRow> {
        let impossible =
            |column| ImpossibleRow { table: "one_time_token", column, id: row.account_id };
        let kind = Kind::ALL.iter().copied().find(|kind| kind.name() == row.kind);
        Ok(Self {
            kind: kind.ok_or_else(|| impossible("kind"))?,
            account: row.account_id.into(),
            hash: TokenHash::from_stored(row.hash.try_into().map_err(|_| impossible("hash"))?),
            expires_at: Timestamp::from_unix_micros(row.expires_at),
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
        let mut rows = Entity::find()
            .filter(Column::Kind.eq(kind.name()))
            .filter(Column::Hash.eq(hash.as_bytes().as_slice()))
            .find_both_related(account::Entity)
            .all(&self.reader)
            .await
            .map_err(Unavailable::new)?;
        let Some((token, account)) = rows.pop() else { return Ok(None) };
        Ok(Some(IssuedToken {
            token: OneTimeToken::try_from(token).map_err(Unavailable::new)?,
            account: Account::try_from(account).map_err(Unavailable::new)?,
        }))
    }
}

pub(crate) async fn apply(db: &impl ConnectionTrait, change: &Change) -> Result<(), Refusal> {
    match change {
        Change::Issue(token) => issue(db, token).await,
        Change::Consume(consumption) => consume_once(db, consumption).await,
    }
}

/// Puts a token in the place of the account's earlier one of that kind, if there is one.
async fn issue(db: &impl ConnectionTrait, token: &OneTimeToken) -> Result<(), Refusal> {
    let earlier = OnConflict::columns([Column::AccountId, Column::Kind])
        .update_columns([Column::Hash, Column::ExpiresAt])
        .to_owned();
    let insert = Entity::insert(Model::from(token).into_active_model()).on_conflict(earlier);
    insert.exec_without_returning(db).await?;
    Ok(())
}

/// The one door through which a single-use secret is spent, of whatever kind: of any number of
/// callers the database lets one delete the row.
async fn consume_once(db: &impl ConnectionTrait, consumption: &Consumption) -> Result<(), Refusal> {
    let spent = Entity::delete_many()
        .filter(Column::Kind.eq(consumption.kind().name()))
        .filter(Column::Hash.eq(consumption.hash().as_bytes().as_slice()))
        .filter(Column::ExpiresAt.gt(consumption.now().unix_micros()))
        .exec(db)
        .await?;
    expect_one(spent.rows_affected, Conflict::TokenSpent)
}
