//! What the command line does with what is stored, without serving.

use std::sync::Arc;

use fastauth_application::{
    administration::Administration,
    audit::{AuditTrail, Follower},
    deliveries::Deliveries,
    moments::Moments,
    provisioning::Provisioning,
    revocation::Revocations,
    roles::Roles,
};
use fastauth_domain::one_time::{Issuer, OneTimeKey};
use fastauth_ports::unavailable::Unavailable;
use fastauth_seaorm::SqlStore;

use crate::{adapters, builder::BuildError, secret, settings::Configuration, storage::Storage};

/// The parts that operating needs, put together as the server does.
pub struct Operations {
    /// What follows mail.
    pub deliveries: Deliveries,
    /// What decides over accounts.
    pub administration: Administration,
    /// What says who may do what.
    pub roles: Roles,
    /// What ends sessions.
    pub revocations: Revocations,
    /// What shows the audit trail.
    pub audit: AuditTrail,
    moments: Moments,
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
        Ok(Self {
            deliveries: storage.deliveries(&moments),
            administration: Administration {
                accounts: storage.accounts,
                roles: Arc::clone(&storage.roles),
                store: Arc::clone(&storage.commit),
                moments: moments.clone(),
            },
            roles: Roles {
                roles: storage.roles,
                store: Arc::clone(&storage.commit),
                moments: moments.clone(),
            },
            revocations: Revocations {
                sessions: storage.sessions,
                store: storage.commit,
                moments: moments.clone(),
            },
            audit: AuditTrail { events: storage.audit },
            moments,
            sql: storage.sql,
        })
    }

    /// What makes accounts. Nothing else of this needs the secret, or the threads that hash.
    pub fn provisioning(&self, configuration: &Configuration) -> Result<Provisioning, BuildError> {
        let (key, _) = secret::secret(configuration, false, &*self.moments.randomness)?;
        Ok(Provisioning {
            accounts: Arc::clone(&self.administration.accounts),
            store: Arc::clone(&self.administration.store),
            passwords: adapters::passwords(configuration)?,
            moments: self.moments.clone(),
            issuer: Issuer {
                key: OneTimeKey::new(&key),
                lifetimes: configuration.link_lifetimes(),
            },
            password_policy: configuration.passwords(),
            breaches: adapters::breaches(configuration)?,
        })
    }

    /// Hears of events from now on.
    pub async fn follow_audit(&self) -> Result<Follower, Unavailable> {
        self.audit.follow(Arc::clone(&self.moments.clock)).await
    }

    /// Closes it.
    pub async fn close(self) {
        if let Some(sql) = self.sql {
            sql.close().await;
        }
    }
}
