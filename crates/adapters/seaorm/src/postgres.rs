//! Opening PostgreSQL.

use std::str::FromStr;

use sea_orm::{
    SqlxPostgresConnector,
    sqlx::{
        AssertSqlSafe, ConnectOptions, Executor, PgPool,
        postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    },
};

use crate::{connect::ConnectError, limits::Limits, pool::Pool, server::Server, trust::Trust};

/// The oldest version that is supported, as `server_version_num` has it.
const OLDEST: i32 = 130_000;

/// Opens the database of a `postgres:` URL.
pub(crate) async fn open(url: &str, limits: &Limits, trust: &Trust) -> Result<Pool, ConnectError> {
    let options = options(url, limits)?;
    let server = Server { engine: "PostgreSQL", host: options.get_host().to_owned() };
    let pool = pool(limits, trust);
    let first = pool.clone().connect_with(options.clone()).await;
    let first = first.map_err(|cause| server.refused(cause))?;
    require_version(&first, &server).await?;
    Ok(Pool::renewable(SqlxPostgresConnector::from_sqlx_postgres_pool(first), move || {
        SqlxPostgresConnector::from_sqlx_postgres_pool(
            pool.clone().connect_lazy_with(options.clone()),
        )
    }))
}

fn options(url: &str, limits: &Limits) -> Result<PgConnectOptions, ConnectError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| ConnectError::malformed())?;
    let is_encrypted = matches!(
        options.get_ssl_mode(),
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull
    );
    let is_local = options.get_socket().is_some();
    if !is_local && !is_encrypted {
        crate::server::require_protection(url, options.get_host(), "sslmode=verify-full")?;
    }
    let capacity = if limits.cache_statements { 100 } else { 0 };
    let name = options.get_application_name().unwrap_or("fastauth").to_owned();
    let options = options.application_name(&name).statement_cache_capacity(capacity);
    Ok(options.disable_statement_logging())
}

fn pool(limits: &Limits, trust: &Trust) -> PgPoolOptions {
    let settings = session_settings(limits);
    trust.watch(PgPoolOptions::new(), limits).after_connect(move |connection, _| {
        let settings = settings.clone();
        Box::pin(async move { connection.execute(AssertSqlSafe(settings)).await.map(drop) })
    })
}

/// What the server is told to give up by itself, should this program not be there to do it.
fn session_settings(limits: &Limits) -> String {
    let statement = limits.statement.as_millis();
    format!(
        "SET statement_timeout = {statement}; SET idle_in_transaction_session_timeout = {}",
        statement * 2
    )
}

async fn require_version(pool: &PgPool, server: &Server) -> Result<(), ConnectError> {
    let version: (String,) = sea_orm::sqlx::query_as("SHOW server_version_num")
        .persistent(false)
        .fetch_one(pool)
        .await
        .map_err(|cause| server.refused(cause))?;
    if version.0.parse::<i32>().is_ok_and(|version| version < OLDEST) {
        return Err(ConnectError::TooOld { needed: "PostgreSQL 13 or later" });
    }
    Ok(())
}
