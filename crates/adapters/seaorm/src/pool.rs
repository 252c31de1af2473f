//! The connections to a database, and new ones in their place when none of them comes back.
//!
//! Before sqlx takes a connection back it asks the server for a sign of life, and waits for that
//! without a limit. A connection that goes silent at that moment keeps its place in the pool for
//! good, and once all places are lost in this way the pool is of no use.

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{DatabaseConnection, DbBackend};
use tokio::time::timeout;

use crate::trust::now;

/// Opens connections as they are needed.
type Open = dyn Fn() -> DatabaseConnection + Send + Sync;

/// Connections that can be left behind for new ones. A clone is the same pool.
#[derive(Clone)]
pub(crate) struct Pool {
    current: Arc<RwLock<DatabaseConnection>>,
    open: Option<Arc<Open>>,
    /// When the database was last known to answer, in microseconds.
    heard: Arc<AtomicU64>,
}

impl Pool {
    /// Connections that cannot fall silent, because they lead nowhere else.
    pub(crate) fn fixed(connections: DatabaseConnection) -> Self {
        Self {
            current: Arc::new(RwLock::new(connections)),
            open: None,
            heard: Arc::new(AtomicU64::new(now())),
        }
    }

    /// Connections in whose place others can be opened.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn renewable(
        connections: DatabaseConnection,
        open: impl Fn() -> DatabaseConnection + Send + Sync + 'static,
    ) -> Self {
        Self { open: Some(Arc::new(open)), ..Self::fixed(connections) }
    }

    /// The connections that are in use now.
    pub(crate) fn connections(&self) -> DatabaseConnection {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Which SQL is spoken.
    pub(crate) fn backend(&self) -> DbBackend {
        self.connections().get_database_backend()
    }

    /// The database has answered.
    pub(crate) fn heard(&self) {
        self.heard.fetch_max(now(), Ordering::Relaxed);
    }

    /// Somebody waited for a connection in vain. If there was no answer for longer than anybody waits
    /// for one, nobody will give a connection back any more, and others take the place of all.
    pub(crate) async fn renew_after(&self, silence: Duration) {
        if let Some(abandoned) = self.replace_after(silence) {
            tracing::warn!("no database connection came back: new ones are opened");
            // It is closed for newcomers at once, and whatever is still given back is closed then.
            let _ = timeout(Duration::ZERO, abandoned.close()).await;
        }
    }

    fn replace_after(&self, silence: Duration) -> Option<DatabaseConnection> {
        let open = self.open.as_ref()?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let silent = now().saturating_sub(self.heard.load(Ordering::Relaxed));
        if Duration::from_micros(silent) < silence {
            return None;
        }
        // They are given as long as the ones before.
        self.heard();
        Some(std::mem::replace(&mut *current, open()))
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("current", &self.connections()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectOptions, ConnectionTrait, Database};

    use super::*;

    async fn connections() -> DatabaseConnection {
        Database::connect(ConnectOptions::new("sqlite::memory:")).await.unwrap()
    }

    #[tokio::test]
    async fn connections_are_left_behind_once_nothing_was_heard_for_so_long() {
        let (first, second) = (connections().await, connections().await);
        let pool =
            Pool { open: Some(Arc::new(move || second.clone())), ..Pool::fixed(first.clone()) };
        pool.renew_after(Duration::from_hours(1)).await;
        assert!(first.execute_unprepared("SELECT 1").await.is_ok());
        pool.renew_after(Duration::ZERO).await;
        assert!(first.execute_unprepared("SELECT 1").await.is_err());
        assert!(pool.connections().execute_unprepared("SELECT 1").await.is_ok());
    }
}
