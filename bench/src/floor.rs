//! The floor of a refresh: what it says to the database, said by the bare driver.
//!
//! As many connections, prepared statements, the same durability: what a server adds to that is HTTP,
//! JSON, the seal of the refresh token, the signature of the access token and the mapping of rows.

mod statements;
mod turner;

use std::{str::FromStr, sync::Arc, time::Duration};

use sea_orm::sqlx::{
    ConnectOptions, Executor, MySql, Pool, Postgres, Sqlite,
    mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlQueryResult},
    postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult},
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteQueryResult,
        SqliteSynchronous,
    },
};

use self::{
    statements::Statements,
    turner::{Pools, Turner},
};
use crate::{
    Failure,
    database::Store,
    load::{Measured, measure},
    people::People,
};

/// As many as the server opens by default.
const CONNECTIONS: u32 = 10;

/// Turners of one engine.
pub(crate) enum Floor {
    Sqlite(Vec<Turner<Sqlite>>),
    Postgres(Vec<Turner<Postgres>>),
    MySql(Vec<Turner<MySql>>),
}

impl Floor {
    /// Turners at a database, one for each of these groups of people; none where there is no driver.
    pub(crate) async fn open(
        store: Store,
        url: &str,
        people: &People,
        groups: &[Vec<usize>],
    ) -> Result<Option<Self>, Failure> {
        Ok(match store {
            Store::Sqlite => Some(Self::Sqlite(Turner::all(&sqlite(url).await?, people, groups)?)),
            Store::Postgres => {
                Some(Self::Postgres(Turner::all(&postgres(url).await?, people, groups)?))
            }
            Store::Mariadb => Some(Self::MySql(Turner::all(&mysql(url).await?, people, groups)?)),
            Store::Memory => None,
        })
    }

    pub(crate) async fn measure(&mut self, length: Duration) -> Result<Measured, Failure> {
        match self {
            Self::Sqlite(turners) => measure(turners, (), length).await,
            Self::Postgres(turners) => measure(turners, (), length).await,
            Self::MySql(turners) => measure(turners, (), length).await,
        }
    }
}

/// One connection that writes and a few that read, as the server has them.
async fn sqlite(url: &str) -> Result<Arc<Pools<Sqlite>>, Failure> {
    let options = SqliteConnectOptions::from_str(url)?
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .disable_statement_logging();
    let pool = |connections| {
        SqlitePoolOptions::new().max_connections(connections).test_before_acquire(false)
    };
    let reader = pool(CONNECTIONS).connect_with(options.clone().pragma("query_only", "ON")).await?;
    let writer = pool(1).connect_with(options).await?;
    let rows_affected = |done: &SqliteQueryResult| done.rows_affected();
    Ok(Arc::new(Pools { reader, writer, statements: Statements::sqlite(), rows_affected }))
}

async fn postgres(url: &str) -> Result<Arc<Pools<Postgres>>, Failure> {
    let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    let pool: Pool<Postgres> = pool.connect_with(options).await?;
    let rows_affected = |done: &PgQueryResult| done.rows_affected();
    let statements = Statements::postgres();
    Ok(Arc::new(Pools { reader: pool.clone(), writer: pool, statements, rows_affected }))
}

async fn mysql(url: &str) -> Result<Arc<Pools<MySql>>, Failure> {
    const ISOLATION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    let options = MySqlConnectOptions::from_str(url)?.disable_statement_logging();
    let pool = MySqlPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    let pool = pool.after_connect(|connection, _| {
        Box::pin(async move { connection.execute(ISOLATION).await.map(drop) })
    });
    let pool: Pool<MySql> = pool.connect_with(options).await?;
    let rows_affected = |done: &MySqlQueryResult| done.rows_affected();
    let statements = Statements::mysql();
    Ok(Arc::new(Pools { reader: pool.clone(), writer: pool, statements, rows_affected }))
}
