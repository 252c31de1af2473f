//! People as rows: many in one statement.

use fastauth_domain::{
    audit::Event,
    identifier::{AccountId, SessionId},
    session::{Persistence, Session},
    time::Timestamp,
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, TransactionTrait, Value,
    sea_query::{Alias, Expr, InsertStatement, Query},
};

use crate::{Failure, people::Person};

const ACCOUNT: [&str; 11] = [
    "id",
    "email",
    "email_key",
    "name",
    "image",
    "password_hash",
    "verified_at",
    "disabled_at",
    "created_at",
    "last_login",
    "version",
];
const SESSION: [&str; 10] = [
    "id",
    "account_id",
    "secret_hash",
    "generation",
    "turned_at",
    "remembered",
    "opened_at",
    "idle_until",
    "ends_at",
    "revoked_at",
];
const AUDIT_EVENT: [&str; 5] = ["id", "at", "kind", "account_id", "session_id"];

/// Stores people in one transaction, in one statement for each table. SQLite takes 32,766
/// parameters in one, and a person has eleven at most.
pub(crate) async fn insert(db: &DatabaseConnection, people: &[Person]) -> Result<(), Failure> {
    let transaction = db.begin().await?;
    let sessions: Vec<_> = people.iter().filter_map(|it| it.session.as_ref()).collect();
    transaction.execute(&table("account", &ACCOUNT, people.iter().map(account))?).await?;
    transaction.execute(&table("session", &SESSION, sessions.into_iter().map(session))?).await?;
    let events = people.iter().map(|person| event(&person.event));
    transaction.execute(&table("audit_event", &AUDIT_EVENT, events)?).await?;
    Ok(transaction.commit().await?)
}

fn table<const N: usize>(
    name: &'static str,
    columns: &[&'static str; N],
    rows: impl Iterator<Item = [Value; N]>,
) -> Result<InsertStatement, Failure> {
    let mut insert = Query::insert();
    insert.into_table(Alias::new(name)).columns(columns.map(Alias::new));
    for row in rows {
        insert.values(row.map(Expr::value))?;
    }
    Ok(insert)
}

fn account(person: &Person) -> [Value; 11] {
    let account = &person.account;
    [
        account.id.uuid().into(),
        account.email.as_typed().into(),
        account.email.key().as_str().into(),
        None::<String>.into(),
        None::<String>.into(),
        account.password.as_ref().map(|hash| hash.as_phc().to_owned()).into(),
        micros(account.verified_at),
        micros(account.disabled_at),
        account.created_at.unix_micros().into(),
        micros(account.last_login),
        account.version.number().into(),
    ]
}

fn session(session: &Session) -> [Value; 10] {
    [
        session.id.uuid().into(),
        session.account.uuid().into(),
        session.secret.as_bytes().to_vec().into(),
        i64::from(session.generation.number()).into(),
        session.turned_at.unix_micros().into(),
        (session.persistence == Persistence::Remembered).into(),
        session.opened_at.unix_micros().into(),
        session.idle_until.unix_micros().into(),
        session.ends_at.unix_micros().into(),
        micros(session.revoked_at),
    ]
}

fn event(event: &Event) -> [Value; 5] {
    [
        event.id.uuid().into(),
        event.at.unix_micros().into(),
        event.kind.name().into(),
        event.account.map(AccountId::uuid).into(),
        event.session.map(SessionId::uuid).into(),
    ]
}

fn micros(at: Option<Timestamp>) -> Value {
    at.map(Timestamp::unix_micros).into()
}
