//! Putting the parts together: the one place that knows every adapter.

use std::sync::Arc;

use axum::extract::FromRef;
use fastauth_application::{
    account::Accounts,
    bell::{Bell, RingingStore},
    budget::Budget,
    deliveries::Deliveries,
    housekeeping::Housekeeping,
    letters::Letters,
    moments::Moments,
    outbox::MailRelay,
    passwords::CountedPasswords,
    relay::Relay,
};
use fastauth_domain::{one_time::OneTimeKey, server_key::ServerKey};
use fastauth_http::{Authorization, Bearers, Guard, Metrics, UseCases};
use fastauth_ports::health::CheckHealth;
use fastauth_seaorm::SqlStore;
use fastauth_templates::{TemplateError, Templates};

use crate::{
    adapters,
    builder::{BuildError, Builder, Parts},
    notices,
    secret::{self, SecretOrigin},
    settings::{Configuration, TokenCheck},
    storage::Storage,
    use_cases::Core,
};

/// FastAuth, put together.
pub struct FastAuth {
    configuration: Configuration,
    secret: SecretOrigin,
    use_cases: UseCases,
    relay: Relay,
    housekeeping: Housekeeping,
    health: Arc<dyn CheckHealth>,
    /// To be closed in the end.
    sql: Option<SqlStore>,
}

impl FastAuth {
    /// Starts from the server's defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Puts together what is configured.
    pub async fn compose(configuration: Configuration) -> Result<Self, BuildError> {
        Box::pin(Self::of_parts(configuration, Parts::default())).await
    }

    /// `/auth/*`, `/account/*`, `/sessions/*`, `/roles/*`, the public keys and the pages that mails link
    /// to, to be mounted in a program of one's own.
    pub fn router(&self) -> axum::Router {
        self.for_browsers(fastauth_http::auth_router(&self.use_cases))
    }

    /// All that the server serves: the same, with health, the API's description and its browser.
    pub fn server_router(&self) -> axum::Router {
        let health = vec![Arc::clone(&self.health)];
        self.for_browsers(fastauth_http::server_router(&self.use_cases, health))
    }

    /// `/metrics`: what is counted in this process, and how much mail of this FastAuth waits. To be
    /// served where only those who watch the program can reach it.
    pub fn metrics_router(&self, metrics: Metrics) -> axum::Router {
        fastauth_http::metrics_router(metrics, self.deliveries())
    }

    /// What people can do, as functions.
    pub const fn use_cases(&self) -> &UseCases {
        &self.use_cases
    }

    /// Recognises callers: the state that [`CurrentUser`](fastauth_http::CurrentUser) needs, and
    /// [`VerifiedUser`](fastauth_http::VerifiedUser) and [`Claims`](fastauth_http::Claims) too.
    pub fn accounts(&self) -> Arc<Accounts> {
        Arc::clone(&self.use_cases.accounts)
    }

    /// Recognises callers by their tokens alone: the state that [`Claims`](fastauth_http::Claims)
    /// needs.
    pub fn bearers(&self) -> Bearers {
        Bearers::from_ref(&self.use_cases.accounts)
    }

    /// Protects routers of one's own, by what `ACCESS_TOKEN_CHECK` says.
    pub fn guard(&self) -> Guard {
        match self.configuration.access_token_check {
            TokenCheck::Session => Guard::checked(self.accounts()),
            TokenCheck::Signature => Guard::stateless(self.bearers()),
        }
    }

    /// Recognises callers and what they may do: the state that
    /// [`RequirePermission`](fastauth_http::RequirePermission) and
    /// [`RequireRole`](fastauth_http::RequireRole) need, and [`CurrentUser`](fastauth_http::CurrentUser)
    /// takes as well.
    pub fn authorization(&self) -> Authorization {
        self.use_cases.authorization()
    }

    /// Attends to what strangers ask for (links, and accounts where addresses must be verified) and
    /// sends mail, as they come, for as long as this is awaited. What nobody attends to, and mail that
    /// nobody sends, waits in the store.
    pub async fn run_mail_relay(&self) {
        self.relay.run().await;
    }

    /// What attends to requests and sends the mail of the outbox.
    pub const fn mail_relay(&self) -> &Relay {
        &self.relay
    }

    /// Removes what is of no use any more, for as long as this is awaited. Does nothing, for as
    /// long, where `HOUSEKEEPING` is off.
    pub async fn run_housekeeping(&self) {
        if self.configuration.housekeeping {
            self.housekeeping.run().await;
        } else {
            std::future::pending::<()>().await;
        }
    }

    /// What follows mail after it was sent.
    pub fn deliveries(&self) -> Arc<Deliveries> {
        Arc::clone(&self.use_cases.deliveries)
    }

    /// What removes what is of no use any more.
    pub const fn housekeeping(&self) -> &Housekeeping {
        &self.housekeeping
    }

    /// What it was put together from.
    pub const fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Where the secret came from.
    pub const fn secret_origin(&self) -> &SecretOrigin {
        &self.secret
    }

    /// Closes the database. Nothing can be done with it afterwards.
    pub async fn close(&self) {
        if let Some(sql) = &self.sql {
            sql.close().await;
        }
    }

    /// Tells browsers whose pages may use a router, and how to come.
    fn for_browsers(&self, router: axum::Router) -> axum::Router {
        let origins = self.configuration.cors_origins.as_deref().unwrap_or_default();
        let router = fastauth_http::allow_origins(router, origins);
        if self.configuration.public_url.is_https() {
            return fastauth_http::insist_on_tls(router);
        }
        router
    }

    pub(crate) async fn of_parts(
        configuration: Configuration,
        parts: Parts,
    ) -> Result<Self, BuildError> {
        let Parts { storage, passwords, breaches, mailer, clock, randomness } = parts;
        let moments = Moments {
            clock: clock.unwrap_or_else(adapters::clock),
            randomness: randomness.unwrap_or_else(adapters::randomness),
        };
        let has_own_store = storage.is_some();
        let storage = equipped(storage, &configuration, &moments).await?;
        let (key, secret) = secret::secret(&configuration, has_own_store, &*moments.randomness)?;
        let passwords = passwords.map_or_else(|| adapters::passwords(&configuration), Ok)?;
        let access_tokens = adapters::access_tokens(&configuration, &key, &moments.randomness)?;
        let bell = Bell::default();
        let transport = match mailer {
            Some(mailer) => mailer,
            None => adapters::mailer(&configuration, Arc::clone(&moments.clock)).await?,
        };
        let letters = letters(&configuration, &key)?;
        let languages = letters.writer.languages().clone();
        let deliveries = Arc::new(storage.deliveries(&moments));
        let budget =
            Budget { limits: Arc::clone(&storage.limits), rates: configuration.mail_rates() };
        let mail = MailRelay {
            outbox: storage.outbox,
            transport,
            letters,
            deliveries: storage.deliveries,
            budget,
            moments: moments.clone(),
            bell: bell.clone(),
        };
        let housekeeping = Housekeeping {
            store: storage.remains,
            retention: configuration.retention(),
            moments: moments.clone(),
        };
        let core = Core {
            accounts: storage.accounts,
            roles: storage.roles,
            sessions: storage.sessions,
            callers: storage.callers,
            one_time_tokens: storage.one_time_tokens,
            pending_requests: storage.pending_requests,
            audit: storage.audit,
            store: Arc::new(RingingStore { store: storage.commit, bell: bell.clone() }),
            passwords: Arc::new(CountedPasswords { passwords }),
            breaches: breaches.map_or_else(|| adapters::breaches(&configuration), Ok)?,
            access_tokens,
            deliveries,
            limits: storage.limits,
            bell,
            moments,
        };
        let requests = Arc::new(core.pending_requests(&configuration, &key));
        let relay = Relay { requests: Arc::clone(&requests), mail };
        let mut use_cases = core.use_cases(&configuration, &key, languages, requests);
        ensure_default_role(&configuration, &use_cases).await?;
        use_cases.notices = notices::routes(&configuration, &core.moments.clock)?;
        let (health, sql) = (storage.health, storage.sql);
        Ok(Self { configuration, secret, use_cases, relay, housekeeping, health, sql })
    }
}

impl std::fmt::Debug for FastAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FastAuth")
            .field("configuration", &self.configuration)
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

/// The store that was given, or else the one that is configured, with what it is spared as it is set.
async fn equipped(
    given: Option<Storage>,
    configuration: &Configuration,
    moments: &Moments,
) -> Result<Storage, BuildError> {
    let storage = match given {
        Some(storage) => storage,
        None => Storage::open(configuration).await?,
    };
    Ok(storage
        .remembering(configuration.session_cache, &moments.clock)
        .counting_in(adapters::quick_limits(configuration)?))
}

/// A role that new accounts get has to be there before they are.
async fn ensure_default_role(
    configuration: &Configuration,
    use_cases: &UseCases,
) -> Result<(), BuildError> {
    match &configuration.default_role {
        Some(role) => use_cases.roles.ensure(role).await.map_err(BuildError::NoDefaultRole),
        None => Ok(()),
    }
}

fn letters(configuration: &Configuration, key: &ServerKey) -> Result<Letters, TemplateError> {
    Ok(Letters {
        key: OneTimeKey::new(key),
        writer: Arc::new(Templates::load(configuration.templates())?),
        from: configuration.sender(),
        email_verification: configuration.email_verification_url.clone(),
        password_reset: configuration.password_reset_url.clone(),
        email_change: configuration.email_change_url.clone(),
        email_revert: configuration.email_revert_url.clone(),
    })
}
