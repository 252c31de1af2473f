//! Roles: what is read of them, and what is written.

mod tables;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use fastauth_domain::{
    change::Conflict,
    identifier::AccountId,
    role::{Administrators, Change, GuardVersion, Hold, Permission, Rights, Role, RoleName},
};
use fastauth_ports::{roles::ReadRoles, unavailable::Unavailable};
use sea_orm::{
    DbBackend, ExprTrait, IntoActiveModel, QueryResult, TryGetable,
    entity::prelude::*,
    sea_query::{OnConflict, Query, SelectStatement},
};

use self::tables::{
    assignment::{self, Column as Assignment},
    guard::{self, Column as Guard},
    permission::{self, Column as Permitted},
    role::{self, Column as Defined},
};
use crate::{
    SqlStore,
    account::{self, Column as Account},
    write::Write,
};

#[async_trait]
impl ReadRoles for SqlStore {
    async fn rights(&self, account: AccountId) -> Result<Option<Rights>, Unavailable> {
        let query = Query::select()
            .column(Assignment::Role.as_column_ref())
            .column(Permitted::Permission.as_column_ref())
            .from(account::Entity)
            .left_join(assignment::Entity, same(Assignment::AccountId, Account::Id))
            .left_join(permission::Entity, same(Permitted::Role, Assignment::Role))
            .and_where(Account::Id.eq(account.uuid()))
            .take();
        let rows = self.selected(&query).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut rights = Rights::default();
        for row in &rows {
            rights.roles.extend(role_name(row, "role")?);
            rights.permissions.extend(permitted(row)?);
        }
        Ok(Some(rights))
    }

    async fn role(&self, name: &RoleName) -> Result<Option<Role>, Unavailable> {
        let query = defined().and_where(Defined::Name.eq(name.as_str())).take();
        Ok(self.defined(&query).await?.pop())
    }

    async fn roles(&self) -> Result<Vec<Role>, Unavailable> {
        self.defined(&defined()).await
    }

    async fn administrators(&self) -> Result<Administrators, Unavailable> {
        // One statement, so that the version is the one at which these hold the permission.
        let managing = Permission::MANAGING_ROLES;
        let manages = Permitted::Permission.is_in(managing.iter().map(Permission::as_str));
        let is_active = same(Account::Id, Assignment::AccountId).and(Account::DisabledAt.is_null());
        let query = Query::select()
            .column(Guard::Version.as_column_ref())
            .column(Account::Id.as_column_ref())
            .column(Permitted::Role.as_column_ref())
            .column(Permitted::Permission.as_column_ref())
            .from(guard::Entity)
            .left_join(permission::Entity, manages)
            .left_join(assignment::Entity, same(Assignment::Role, Permitted::Role))
            .left_join(account::Entity, is_active)
            .and_where(Guard::Id.eq(guard::ROW))
            .take();
        let rows = self.selected(&query).await?;
        let first =
            rows.first().ok_or_else(|| Unavailable::new("the guard of roles is missing"))?;
        let guard = GuardVersion::from_stored(value(first, "version")?);
        let holds = rows.iter().filter_map(|row| hold(row).transpose());
        Ok(Administrators { guard, holds: holds.collect::<Result<_, _>>()? })
    }
}

impl SqlStore {
    async fn selected(&self, query: &SelectStatement) -> Result<Vec<QueryResult>, Unavailable> {
        self.rows_of(self.reader.backend().build(query)).await.map_err(Unavailable::new)
    }

    /// The roles of a query of [`defined`], in the order of their names.
    async fn defined(&self, query: &SelectStatement) -> Result<Vec<Role>, Unavailable> {
        let mut roles: BTreeMap<RoleName, BTreeSet<Permission>> = BTreeMap::new();
        for row in self.selected(query).await? {
            if let Some(name) = role_name(&row, "name")? {
                roles.entry(name).or_default().extend(permitted(&row)?);
            }
        }
        Ok(roles.into_iter().map(|(name, permissions)| Role { name, permissions }).collect())
    }
}

/// Selects roles, a row for each permission.
fn defined() -> SelectStatement {
    Query::select()
        .column(Defined::Name.as_column_ref())
        .column(Permitted::Permission.as_column_ref())
        .from(role::Entity)
        .left_join(permission::Entity, same(Permitted::Role, Defined::Name))
        .take()
}

fn same(one: impl ColumnTrait, other: impl ColumnTrait) -> Expr {
    Expr::col(one.as_column_ref()).equals(other.as_column_ref())
}

/// The hold in a row, whose account is missing where nobody active has the permission.
fn hold(row: &QueryResult) -> Result<Option<Hold>, Unavailable> {
    let account: Option<Uuid> = value(row, "id")?;
    let (role, permission) = (role_name(row, "role")?, permitted(row)?);
    Ok(account.zip(role).zip(permission).map(|((account, role), permission)| Hold {
        account: account.into(),
        role,
        permission,
    }))
}

fn role_name(row: &QueryResult, column: &str) -> Result<Option<RoleName>, Unavailable> {
    let text: Option<String> = value(row, column)?;
    text.map(|text| RoleName::parse(&text)).transpose().map_err(|_| impossible("name"))
}

fn permitted(row: &QueryResult) -> Result<Option<Permission>, Unavailable> {
    let text: Option<String> = value(row, "permission")?;
    text.map(|text| Permission::parse(&text)).transpose().map_err(|_| impossible("permission"))
}

fn value<T: TryGetable>(row: &QueryResult, column: &str) -> Result<T, Unavailable> {
    row.try_get("", column).map_err(Unavailable::new)
}

/// What this program never writes is refused, not repaired.
fn impossible(what: &str) -> Unavailable {
    Unavailable::new(format!("there is a role of an impossible {what}"))
}

pub(crate) fn write(backend: DbBackend, change: &Change) -> Write {
    match change {
        Change::MoveGuard { from } => {
            let guard = guard::Entity::update_many()
                .col_expr(Guard::Version, Expr::value(from.next().number()))
                .filter(Guard::Id.eq(guard::ROW))
                .filter(Guard::Version.eq(from.number()));
            Write::one(backend, &guard, Conflict::RolesMoved)
        }
        Change::Create(name) => {
            let row = role::Model { name: name.as_str().to_owned() };
            let insert = role::Entity::insert(row.into_active_model());
            Write::new(backend, &insert, Conflict::RoleTaken)
        }
        Change::Delete(name) => Write::any(backend, &role::Entity::delete_by_id(name.as_str())),
        Change::Grant { role, permissions } => grant(backend, role, permissions),
        Change::Withdraw { role, permissions } => {
            let delete = permission::Entity::delete_many()
                .filter(Permitted::Role.eq(role.as_str()))
                .filter(Permitted::Permission.is_in(permissions.iter().map(Permission::as_str)));
            Write::any(backend, &delete)
        }
        Change::Assign { account, role } => assign(backend, *account, role),
        Change::Revoke { account, role } => {
            let key = (account.uuid(), role.as_str().to_owned());
            Write::any(backend, &assignment::Entity::delete_by_id(key))
        }
    }
}

fn grant(backend: DbBackend, role: &RoleName, permissions: &BTreeSet<Permission>) -> Write {
    let key = [Permitted::Role, Permitted::Permission];
    let or_leave = OnConflict::columns(key).do_nothing_on(key).to_owned();
    let row = |permission: &Permission| permission::Model {
        role: role.as_str().to_owned(),
        permission: permission.as_str().to_owned(),
    };
    let rows = permissions.iter().map(|permission| row(permission).into_active_model());
    let insert = permission::Entity::insert_many(rows).on_conflict(or_leave);
    Write::belonging(backend, &insert, Conflict::RolesMoved)
}

fn assign(backend: DbBackend, account: AccountId, role: &RoleName) -> Write {
    let key = [Assignment::AccountId, Assignment::Role];
    let or_leave = OnConflict::columns(key).do_nothing_on(key).to_owned();
    let row = assignment::Model { account_id: account.uuid(), role: role.as_str().to_owned() };
    let insert = assignment::Entity::insert(row.into_active_model()).on_conflict(or_leave);
    Write::belonging(backend, &insert, Conflict::RolesMoved)
}
