//! Accounts: the table, and what is read from it and written to it.

use async_trait::async_trait;
use fastauth_domain::{
    account::{Account, Change, DisplayName, ImageUrl, ProfileChange, Version},
    change::Conflict,
    email::{EmailAddress, EmailKey},
    identifier::AccountId,
    password::PasswordHash,
    time::Timestamp,
};
use fastauth_ports::{accounts::ReadAccounts, unavailable::Unavailable};
use sea_orm::{
    DbBackend, FromQueryResult, IntoActiveModel, QueryOrder, QueryResult, QuerySelect, UpdateMany,
    entity::prelude::*, sea_query::Func,
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
            image: account.image.as_ref().map(|image| image.as_str().to_owned()),
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
        let image = row.image.as_deref().map(ImageUrl::parse).transpose();
        Ok(Self {
            id: row.id.into(),
            email,
            name: name.map_err(|_| impossible("name"))?,
            image: image.map_err(|_| impossible("image"))?,
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

    async fn with_id(&self, id: AccountId) -> Result<Option<Account>, Unavailable> {
        let rows = self.rows(&Entity::find_by_id(id.uuid())).await.map_err(Unavailable::new)?;
        rows.first().map(|row| from_row(row, "")).transpose()
    }

    async fn accounts(
        &self,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, Unavailable> {
        let query = Entity::find()
            .filter(Column::Id.gt(after.map_or(Uuid::nil(), AccountId::uuid)))
            .order_by_asc(Column::Id)
            .limit(u64::from(limit));
        let rows = self.rows(&query).await.map_err(Unavailable::new)?;
        rows.iter().map(|row| from_row(row, "")).collect()
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
        Change::SetPassword { id, version, password, at: _ } => next_version(*id, *version)
            .col_expr(
                Column::PasswordHash,
                Expr::value(password.as_ref().map(PasswordHash::as_phc)),
            ),
        Change::Verify { id, version, at } => {
            let first = Func::coalesce([Column::VerifiedAt.into_expr(), at.unix_micros().into()]);
            at_version(*id, *version).col_expr(Column::VerifiedAt, first.into())
        }
        Change::SetProfile { id, profile } => set_profile(*id, profile),
        Change::SetEmail { id, version, email, at } => {
            let update = next_version(*id, *version)
                .col_expr(Column::Email, Expr::value(email.as_typed()))
                .col_expr(Column::EmailKey, Expr::value(email.key().as_str()))
                .col_expr(Column::VerifiedAt, Expr::value(at.unix_micros()));
            let (gone, taken) = (Conflict::AccountMoved, Conflict::EmailTaken);
            return Write::one_renamed(backend, &update, gone, taken);
        }
        Change::SetDisabled { id, version, since } => next_version(*id, *version)
            .col_expr(Column::DisabledAt, Expr::value(since.map(Timestamp::unix_micros))),
        Change::Erase { id, version } => {
            // Sessions and one-time tokens go with it, by their keys.
            let erase = Entity::delete_many()
                .filter(Column::Id.eq(id.uuid()))
                .filter(Column::Version.eq(version.number()));
            return Write::one(backend, &erase, Conflict::AccountMoved);
        }
    };
    Write::one(backend, &update, Conflict::AccountMoved)
}

/// A profile that stays as it is still meets its row.
fn set_profile(id: AccountId, profile: &ProfileChange) -> UpdateMany<Entity> {
    let mut update = Entity::update_many()
        .col_expr(Column::Id, Expr::value(id.uuid()))
        .filter(Column::Id.eq(id.uuid()));
    if let Some(name) = &profile.name {
        let name = name.as_ref().map(DisplayName::as_str);
        update = update.col_expr(Column::Name, Expr::value(name));
    }
    if let Some(image) = &profile.image {
        let image = image.as_ref().map(ImageUrl::as_str);
        update = update.col_expr(Column::Image, Expr::value(image));
    }
    update
}

fn next_version(id: AccountId, version: Version) -> UpdateMany<Entity> {
    at_version(id, version).col_expr(Column::Version, Expr::value(version.next().number()))
}

fn at_version(id: AccountId, version: Version) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Version.eq(version.number()))
}
