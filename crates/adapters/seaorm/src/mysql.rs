//! Opening MariaDB and MySQL, Galera clusters included.

use std::{str::FromStr, time::Duration};

use sea_orm::{
    SqlxError, SqlxMySqlConnector,
    sqlx::{
        AssertSqlSafe, ConnectOptions, Executor, MySqlPool,
        mysql::{MySqlConnectOptions, MySqlConnection, MySqlPoolOptions, MySqlSslMode},
    },
};

use crate::{connect::ConnectError, limits::Limits, pool::Pool, server::Server, trust::Trust};

/// Opens the database of a `mysql:` or `mariadb:` URL.
pub(crate) async fn open(url: &str, limits: &Limits, trust: &Trust) -> Result<Pool, ConnectError> {
    let options = options(url, limits)?;
    let server = Server { engine: "MariaDB or MySQL", host: options.get_host().to_owned() };
    if options.get_database().is_none_or(str::is_empty) {
        return Err(ConnectError::InvalidUrl { reason: "it names no database".to_owned() });
    }
    let pool = pool(limits, trust);
    let first = pool.clone().connect_with(options.clone()).await;
    let first = first.map_err(|cause| server.refused(cause))?;
    require_version(&first, &server).await?;
    Ok(Pool::renewable(SqlxMySqlConnector::from_sqlx_mysql_pool(first), move || {
        SqlxMySqlConnector::from_sqlx_mysql_pool(pool.clone().connect_lazy_with(options.clone()))
    }))
}

fn options(url: &str, limits: &Limits) -> Result<MySqlConnectOptions, ConnectError> {
    let options = MySqlConnectOptions::from_str(url).map_err(|_| ConnectError::malformed())?;
    let is_encrypted = matches!(
        options.get_ssl_mode(),
        MySqlSslMode::Required | MySqlSslMode::VerifyCa | MySqlSslMode::VerifyIdentity
    );
    if options.get_socket().is_none() && !is_encrypted {
        crate::server::require_protection(url, options.get_host(), "ssl-mode=VERIFY_IDENTITY")?;
    }
    let capacity = if limits.cache_statements { 100 } else { 0 };
    Ok(options.statement_cache_capacity(capacity).disable_statement_logging())
}

fn pool(limits: &Limits, trust: &Trust) -> MySqlPoolOptions {
    let statement = limits.statement;
    trust
        .watch(MySqlPoolOptions::new(), limits)
        .after_connect(move |connection, _| Box::pin(prepare(connection, statement)))
}

/// Readies a connection: writes wait for rows rather than for ranges, nothing is cut to fit, and the
/// server gives up by itself what takes too long.
async fn prepare(connection: &mut MySqlConnection, statement: Duration) -> Result<(), SqlxError> {
    set(connection, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED".to_owned()).await?;
    let lock_wait = statement.as_secs().max(1);
    set(
        connection,
        format!(
            "SET SESSION innodb_lock_wait_timeout = {lock_wait}, \
             sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')"
        ),
    )
    .await?;
    // MariaDB has the first three, and MySQL the last. A transaction that nobody ends, because its
    // connection has gone silent, would keep its rows locked for hours. On a Galera cluster a read
    // has to wait for what was answered by another node.
    for setting in [
        format!("max_statement_time = {}", statement.as_secs_f64()),
        format!("idle_transaction_timeout = {}", lock_wait * 2),
        "wsrep_sync_wait = 1".to_owned(),
        format!("max_execution_time = {}", statement.as_millis()),
    ] {
        match set(connection, format!("SET SESSION {setting}")).await {
            Err(error) if !is_unknown_variable(&error) => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

async fn set(connection: &mut MySqlConnection, statement: String) -> Result<(), SqlxError> {
    connection.execute(AssertSqlSafe(statement)).await.map(drop)
}

/// `ER_UNKNOWN_SYSTEM_VARIABLE`
fn is_unknown_variable(error: &SqlxError) -> bool {
    const UNKNOWN_SYSTEM_VARIABLE: u16 = 1193;
    let number = error.as_database_error().and_then(|answer| {
        answer.try_downcast_ref::<sea_orm::SqlxMySqlError>().map(sea_orm::SqlxMySqlError::number)
    });
    number == Some(UNKNOWN_SYSTEM_VARIABLE)
}

async fn require_version(pool: &MySqlPool, server: &Server) -> Result<(), ConnectError> {
    let version: (String,) = sea_orm::sqlx::query_as("SELECT VERSION()")
        .persistent(false)
        .fetch_one(pool)
        .await
        .map_err(|cause| server.refused(cause))?;
    if is_supported(&version.0) {
        Ok(())
    } else {
        Err(ConnectError::TooOld { needed: "MariaDB 10.6, MySQL 8.0, or later" })
    }
}

/// MariaDB calls itself `10.11.4-MariaDB-...`, and earlier `5.5.5-10.11.4-MariaDB-...`.
fn is_supported(version: &str) -> bool {
    let is_mariadb = version.contains("MariaDB");
    let version = version.strip_prefix("5.5.5-").filter(|_| is_mariadb).unwrap_or(version);
    let mut numbers = version.split(|it: char| !it.is_ascii_digit()).map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else { return false };
    (major, minor) >= if is_mariadb { (10, 6) } else { (8, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_are_too_old_are_known() {
        for version in ["10.6.0-MariaDB", "5.5.5-10.11.14-MariaDB-0+deb12u2", "11.4.2-MariaDB"] {
            assert!(is_supported(version), "{version}");
        }
        assert!(is_supported("8.0.36") && is_supported("9.1.0-commercial"));
        for version in ["10.5.23-MariaDB", "5.7.44", "5.5.5-10.3.1-MariaDB", "", "new"] {
            assert!(!is_supported(version), "{version}");
        }
    }
}
