//! Choosing a store, and having all its ports of one.

use std::{sync::Arc, time::Duration};

use fastauth_application::{
    deliveries::Deliveries,
    moments::Moments,
    quick_limits::{QuickLimits, SettlingStore},
    session_cache::{CachedSessions, NotingStore, SessionCache},
};
use fastauth_memory::MemoryStore;
use fastauth_ports::{
    accounts::ReadAccounts,
    audit::ReadAudit,
    clock::Clock,
    commit::Commit,
    deliveries::{ReadDeliveries, RepairOutbox},
    health::CheckHealth,
    housekeeping::RemoveRemains,
    limits::{CountQuickly, LimitAttempts},
    mail::ClaimMail,
    one_time::ReadOneTimeTokens,
    pending_requests::ReadPendingRequests,
    roles::ReadRoles,
    sessions::ReadSessions,
};
use fastauth_seaorm::SqlStore;
use secrecy::ExposeSecret;

use crate::{
    builder::BuildError,
    settings::{Configuration, Database},
};

/// What implements every storage port.
pub trait Store:
    CheckHealth
    + ClaimMail
    + Commit
    + LimitAttempts
    + ReadAccounts
    + ReadAudit
    + ReadDeliveries
    + ReadOneTimeTokens
    + ReadPendingRequests
    + ReadRoles
    + ReadSessions
    + RemoveRemains
    + RepairOutbox
    + 'static
{
}

impl<S> Store for S where
    S: CheckHealth
        + ClaimMail
        + Commit
        + LimitAttempts
        + ReadAccounts
        + ReadAudit
        + ReadDeliveries
        + ReadOneTimeTokens
        + ReadPendingRequests
        + ReadRoles
        + ReadSessions
        + RemoveRemains
        + RepairOutbox
        + 'static
{
}

/// The ports of one store.
pub(crate) struct Storage {
    pub(crate) accounts: Arc<dyn ReadAccounts>,
    pub(crate) roles: Arc<dyn ReadRoles>,
    pub(crate) sessions: Arc<dyn ReadSessions>,
    /// The same, perhaps as they were a moment ago: to recognise callers, and for nothing else.
    pub(crate) callers: Arc<dyn ReadSessions>,
    pub(crate) one_time_tokens: Arc<dyn ReadOneTimeTokens>,
    pub(crate) pending_requests: Arc<dyn ReadPendingRequests>,
    pub(crate) audit: Arc<dyn ReadAudit>,
    pub(crate) commit: Arc<dyn Commit>,
    pub(crate) outbox: Arc<dyn ClaimMail>,
    pub(crate) deliveries: Arc<dyn ReadDeliveries>,
    pub(crate) repairs: Arc<dyn RepairOutbox>,
    pub(crate) limits: Arc<dyn LimitAttempts>,
    pub(crate) remains: Arc<dyn RemoveRemains>,
    pub(crate) health: Arc<dyn CheckHealth>,
    /// To be closed in the end.
    pub(crate) sql: Option<SqlStore>,
}

impl Storage {
    /// The ports of this store.
    pub(crate) fn of<S: Store>(store: Arc<S>) -> Self {
        Self {
            accounts: store.clone(),
            roles: store.clone(),
            sessions: store.clone(),
            callers: store.clone(),
            one_time_tokens: store.clone(),
            pending_requests: store.clone(),
            audit: store.clone(),
            commit: store.clone(),
            outbox: store.clone(),
            deliveries: store.clone(),
            repairs: store.clone(),
            limits: store.clone(),
            remains: store.clone(),
            health: store,
            sql: None,
        }
    }

    /// Opens the store that is configured, with its schema brought to what this version needs.
    pub(crate) async fn open(configuration: &Configuration) -> Result<Self, BuildError> {
        let Some(store) = open_database(configuration).await? else {
            return Ok(Self::of(Arc::new(MemoryStore::default())));
        };
        if configuration.migrate_on_start {
            let applied = store.migrate().await?;
            if !applied.is_empty() {
                tracing::info!(migrations = ?applied, "the database was brought up to date");
            }
        } else if !store.pending_migrations().await?.is_empty() {
            return Err(BuildError::NotMigrated);
        }
        let ports = Self::of(Arc::new(store.clone()));
        Ok(Self { sql: Some(store), ..ports })
    }
}

impl Storage {
    /// The same, in which callers' sessions are not looked up more often than this.
    pub(crate) fn remembering(self, max_age: Duration, clock: &Arc<dyn Clock>) -> Self {
        if max_age.is_zero() {
            return self;
        }
        let cache = SessionCache::new(max_age, Arc::clone(clock));
        let store = NotingStore { store: self.commit, cache: cache.clone() };
        let callers = CachedSessions { sessions: self.callers, cache };
        Self { commit: Arc::new(store), callers: Arc::new(callers), ..self }
    }

    /// The same, in which what passes is counted somewhere else, if there is anywhere.
    pub(crate) fn counting_in(self, quick: Option<Arc<dyn CountQuickly>>) -> Self {
        let Some(quick) = quick else { return self };
        let limits = QuickLimits { quick: Arc::clone(&quick), store: self.limits };
        let store = SettlingStore { store: self.commit, quick };
        Self { commit: Arc::new(store), limits: Arc::new(limits), ..self }
    }

    /// What follows mail in this store.
    pub(crate) fn deliveries(&self, moments: &Moments) -> Deliveries {
        Deliveries {
            reads: Arc::clone(&self.deliveries),
            queue: Arc::clone(&self.outbox),
            outbox: Arc::clone(&self.repairs),
            store: Arc::clone(&self.commit),
            moments: moments.clone(),
        }
    }
}

/// Opens the database that is configured, as it is found; none if it is the memory of this process.
pub async fn open_database(configuration: &Configuration) -> Result<Option<SqlStore>, BuildError> {
    let limits = configuration.database_limits();
    let store = match &configuration.database {
        Database::Memory => return Ok(None),
        Database::Sqlite { url, .. } => SqlStore::connect_within(url, &limits).await,
        Database::Server { url, .. } => {
            SqlStore::connect_within(url.expose_secret(), &limits).await
        }
    };
    Ok(Some(store?))
}
