//! What the command line does with what is stored, without serving.

use fastauth_application::{deliveries::Deliveries, moments::Moments};
use fastauth_seaorm::SqlStore;

use crate::{adapters, builder::BuildError, settings::Configuration, storage::Storage};

/// The parts that operating needs, put together as the server does.
pub struct Operations {
    /// What follows mail.
    pub deliveries: Deliveries,
    /// To be closed in the end.
    sql: Option<SqlStore>,
}

impl std::fmt::Debug for Operations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operations").finish_non_exhaustive()
    }
}

impl Operations {
    /// Opens the database that is configured.
    pub async fn open(configuration: &Configuration) -> Result<Self, BuildError> {
        let storage = Storage::open(configuration).await?;
        let moments = Moments { clock: adapters::clock(), randomness: adapters::randomness() };
        Ok(Self { deliveries: storage.deliveries(&moments), sql: storage.sql })
    }

    /// Closes it.
    pub async fn close(self) {
        if let Some(sql) = self.sql {
            sql.close().await;
        }
    }
}
