//! Accounts: the table, and what is read from it and written to it.

use async_trait::async_trait;
use fastauth_domain::{
    account::{Account, Change, DisplayName, Version},
    change::Conflict,
    email::{EmailAddress, EmailKey},
    identifier::AccountId,
    password::PasswordHash,
    time::Timestamp,
};
use fastauth_ports::{accounts::ReadAccounts, unavailable::Unavailable};
use sea_orm::{
    DbBackend, FromQueryResult, IntoActiveModel, QueryResult, UpdateMany, entity::prelude::*,
    sea_query::Func,
};

use crate::{SqlStore, row::ImpossibleRow, write::Write};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    email: String,
    email_key: String,
    name: Option<String>,
    image: Option<String>,
    password_hash: Option<String>,
    verified_at: Option<i64>,
    disabled_at: Option<i64>,
    created_at: i64,
    last_login: Option<i64>,
    version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Account> for Model {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.uuid(),
            email: account.email.as_typed().to_owned(),
            email_key: account.email.key().as_str().to_owned(),
            name: account.name.as_ref().map(|name| name.as_str().to_owned()),
            image: account.image.clone(),
            password_hash: account.password.as_ref().map(|hash| hash.as_phc().to_owned()),
            verified_at: account.verified_at.map(Timestamp::unix_micros),
            disabled_at: account.disabled_at.map(Timestamp::unix_micros),
            created_at: account.created_at.unix_micros(),
            last_login: account.last_login.map(Timestamp::unix_micros),
            version: account.version.number(),
        }
    }
}

impl TryFrom<Model> for Account {
    type Error = ImpossibleRow;

    fn try_from(row: Model) -> Result<Self, ImpossibleRow> {
        let impossible = |column| ImpossibleRow { table: "account", column, id: row.id };
        let email = EmailAddress::parse(&row.email).map_err(|_| impossible("email"))?;
        if email.key().as_str() != row.email_key {
            return Err(impossible("email_key"));
        }
        let name = row.name.as_deref().map(DisplayName::parse).transpose();
        Ok(Self {
            id: row.id.into(),
            email,
            name: name.map_err(|_| impossible("name"))?,
            image: row.image,
            password: row.password_hash.map(PasswordHash::from_phc),
            verified_at: row.verified_at.map(Timestamp::from_unix_micros),
            disabled_at: row.disabled_at.map(Timestamp::from_unix_micros),
            created_at: Timestamp::from_unix_micros(row.created_at),
            last_login: row.last_login.map(Timestamp::from_unix_micros),
            version: Version::from_stored(row.version),
        })
    }
}

#[async_trait]
impl ReadAccounts for SqlStore {
    async fn with_email(&self, key: &EmailKey) -> Result<Option<Account>, Unavailable> {
        // Without LIMIT: SQLite prepares a statement that binds one anew each time.
        let query = Entity::find().filter(Column::EmailKey.eq(key.as_str()));
        let rows = self.rows(&query).await.map_err(Unavailable::new)?;
        rows.first().map(|row| from_row(row, "")).transpose()
    }
}

/// The account in a row, whose columns have this prefix.
pub(crate) fn from_row(row: &QueryResult, prefix: &str) -> Result<Account, Unavailable> {
    let row = Model::from_query_result(row, prefix).map_err(Unavailable::new)?;
    Account::try_from(row).map_err(Unavailable::new)
}

pub(crate) fn write(backend: DbBackend, change: &Change) -> Write {
    let update = match change {
        Change::Create(account) => {
            // Ids are drawn anew for each account: what can be taken is the address.
            let insert = Entity::insert(Model::from(account).into_active_model());
            return Write::new(backend, &insert, Conflict::EmailTaken);
        }
        Change::SignIn { id, version, at, renewed } => {
            let update = at_version(*id, *version)
                .col_expr(Column::LastLogin, Expr::value(at.unix_micros()));
            match renewed {
                Some(hash) => update.col_expr(Column::PasswordHash, Expr::value(hash.as_phc())),
                None => update,
            }
        }
        Change::SetPassword { id, version, password, at: _ } => at_version(*id, *version)
            .col_expr(Column::PasswordHash, Expr::value(password.as_phc()))
            .col_expr(Column::Version, Expr::value(version.next().number())),
        Change::Verify { id, version, at } => {
            let first = Func::coalesce([Column::VerifiedAt.into_expr(), at.unix_micros().into()]);
            at_version(*id, *version).col_expr(Column::VerifiedAt, first.into())
        }
    };
    Write::one(backend, &update, Conflict::AccountMoved)
}

fn at_version(id: AccountId, version: Version) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Version.eq(version.number()))
}
