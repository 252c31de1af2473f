//! Choosing a store, and having all its ports of one.

use std::sync::Arc;

use fastauth_memory::MemoryStore;
use fastauth_ports::{
    accounts::ReadAccounts, commit::Commit, health::CheckHealth, mail::ClaimMail,
    one_time::ReadOneTimeTokens, sessions::ReadSessions,
};
use fastauth_seaorm::SqlStore;

use crate::{builder::BuildError, settings::Database};

/// What implements every storage port.
pub trait Store:
    CheckHealth + ClaimMail + Commit + ReadAccounts + ReadOneTimeTokens + ReadSessions + 'static
{
}

impl<S> Store for S where
    S: CheckHealth + ClaimMail + Commit + ReadAccounts + ReadOneTimeTokens + ReadSessions + 'static
{
}

/// The ports of one store.
pub(crate) struct Storage {
    pub(crate) accounts: Arc<dyn ReadAccounts>,
    pub(crate) sessions: Arc<dyn ReadSessions>,
    pub(crate) one_time_tokens: Arc<dyn ReadOneTimeTokens>,
    pub(crate) commit: Arc<dyn Commit>,
    pub(crate) outbox: Arc<dyn ClaimMail>,
    pub(crate) health: Arc<dyn CheckHealth>,
    /// To be closed in the end.
    pub(crate) sql: Option<SqlStore>,
}

impl Storage {
    /// The ports of this store.
    pub(crate) fn of<S: Store>(store: Arc<S>) -> Self {
        Self {
            accounts: store.clone(),
            sessions: store.clone(),
            one_time_tokens: store.clone(),
            commit: store.clone(),
            outbox: store.clone(),
            health: store,
            sql: None,
        }
    }

    /// Opens the store of a database, with its schema brought to what this version needs.
    pub(crate) async fn open(database: &Database) -> Result<Self, BuildError> {
        match database {
            Database::Memory => Ok(Self::of(Arc::new(MemoryStore::default()))),
            Database::Sqlite { url, .. } => {
                let store = SqlStore::connect(url).await?;
                let applied = store.migrate().await?;
                if !applied.is_empty() {
                    tracing::info!(migrations = ?applied, "the database was brought up to date");
                }
                let ports = Self::of(Arc::new(store.clone()));
                Ok(Self { sql: Some(store), ..ports })
            }
        }
    }
}

/// Brings a database to what this version needs, and names the migrations that were applied.
pub async fn migrate(database: &Database) -> Result<Vec<&'static str>, BuildError> {
    match database {
        Database::Memory => Ok(Vec::new()),
        Database::Sqlite { url, .. } => {
            let store = SqlStore::connect(url).await?;
            let applied = store.migrate().await?;
            store.close().await;
            Ok(applied)
        }
    }
}
