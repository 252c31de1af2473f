//! Putting FastAuth together in a program of one's own.

use std::sync::Arc;

use fastauth_application::breaches::Breaches;
use fastauth_argon2::{InvalidParameters, NotStarted};
use fastauth_domain::server_key::WeakSecret;
use fastauth_paseto::KeyNotMade;
use fastauth_ports::{
    clock::Clock, mail::SendMail, passwords::HashPasswords, randomness::Randomness,
    unavailable::Unavailable,
};
use fastauth_seaorm::{ConnectError, SchemaError};
use fastauth_smtp::InvalidRoots;
use fastauth_templates::TemplateError;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    composition::FastAuth,
    key_file::KeyFileError,
    settings::{Settings, SettingsError},
    storage::{Storage, Store},
};

/// Why FastAuth could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The settings are to be changed first.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The database cannot be opened.
    #[error("DATABASE_URL cannot be used: {0}")]
    Database(#[from] ConnectError),
    /// The database cannot be brought to what this version needs.
    #[error("the database cannot be migrated: {0}")]
    Schema(#[from] SchemaError),
    /// Mails cannot be written as it is set.
    #[error("the templates of mails cannot be used: {0}")]
    Templates(#[from] TemplateError),
    /// Mail cannot be sent by SES as it is set.
    #[error("Amazon SES cannot be used: {0}")]
    Ses(String),
    /// Mail is to be written into a directory that cannot be made.
    #[error("EMAIL_DIRECTORY cannot be used: {0}")]
    NoMailDirectory(std::io::Error),
    /// Mail is to be handed to a URL, and there is none, or no secret.
    #[error("EMAIL_PROVIDER is webhook, and EMAIL_WEBHOOK_URL or EMAIL_WEBHOOK_SECRET is not set")]
    NoWebhook,
    /// No connections can be made to the URL.
    #[error("EMAIL_WEBHOOK_URL cannot be used: {0}")]
    Webhook(#[from] fastauth_webhook::NoClient),
    /// Mail is to be sent to a mail server, and none is named.
    #[error("EMAIL_PROVIDER is smtp and SMTP_HOST is not set")]
    NoMailServer,
    /// The mail server cannot be trusted as it is set.
    #[error("SMTP_HOST and SMTP_CA_FILE cannot be used: {0}")]
    MailServer(#[from] InvalidRoots),
    /// Attempts are to be counted in a server that this program cannot count in.
    #[error("REDIS_URL cannot be used: it names no server, or Redis is not built in")]
    NoRedis,
    /// There is no secret to be had.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// Passwords cannot be hashed as it is set.
    #[error("ARGON2_MEMORY_KIB, ARGON2_ITERATIONS and ARGON2_PARALLELISM cannot be used: {0}")]
    Hashing(#[from] InvalidParameters),
    /// No connections can be made to the service that knows passwords from breaches.
    #[error("BREACHED_PASSWORDS_URL cannot be used: {0}")]
    Breaches(#[from] fastauth_breaches::NoClient),
    /// The threads that hash could not be started.
    #[error(transparent)]
    NotStarted(#[from] NotStarted),
    /// The key that signs access tokens could not be made.
    #[error(transparent)]
    SigningKey(#[from] KeyNotMade),
    /// The database is behind what this version needs, and a start may not change it.
    #[error(
        "the database lacks the migrations of this version, and MIGRATE_ON_START is false: run \
         `fastauth migrate` first"
    )]
    NotMigrated,
    /// The role that new accounts get could not be made.
    #[error("the role of DEFAULT_ROLE could not be made: {0}")]
    NoDefaultRole(Unavailable),
    /// There is no telling where the secret of a store that others may share should be kept.
    #[error("SECRET_KEY must be set, because the store may be shared by several instances")]
    NoSecret,
    /// The secret that was drawn is one that could be guessed.
    #[error("no secret could be drawn: {0}")]
    WeakSecret(#[from] WeakSecret),
}

/// Puts FastAuth together: with the server's defaults, but for what is set here. The environment is
/// not read, unless [`settings`](Self::settings) are given that were.
#[derive(Default)]
pub struct Builder {
    settings: Settings,
    parts: Parts,
}

/// Parts that take the place of the usual ones.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) storage: Option<Storage>,
    pub(crate) passwords: Option<Arc<dyn HashPasswords>>,
    pub(crate) breaches: Option<Breaches>,
    pub(crate) mailer: Option<Arc<dyn SendMail>>,
    pub(crate) clock: Option<Arc<dyn Clock>>,
    pub(crate) randomness: Option<Arc<dyn Randomness>>,
}

impl Builder {
    /// Starts from these settings instead of the defaults: the ones that the server would read, for
    /// instance. What is set after this counts over them.
    #[must_use]
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Sets one by the name that it has in the reference of settings.
    #[must_use]
    pub fn set(self, name: &str, value: impl Into<String>) -> Self {
        Self { settings: self.settings.with(name, value), ..self }
    }

    /// Stores in this database: `sqlite://auth.db?mode=rwc`, say, or `memory://`.
    #[must_use]
    pub fn database(self, url: impl Into<String>) -> Self {
        self.set("DATABASE_URL", url)
    }

    /// Derives all keys from this secret. Without one, a file beside the database keeps one that is
    /// made at the first start.
    #[must_use]
    pub fn secret_key(self, secret: &SecretString) -> Self {
        self.set("SECRET_KEY", secret.expose_secret())
    }

    /// Where people reach the program: the base of the links in mails, and the issuer of tokens.
    #[must_use]
    pub fn public_url(self, url: impl Into<String>) -> Self {
        self.set("PUBLIC_URL", url)
    }

    /// Whether an address must be verified before its account gets tokens.
    #[must_use]
    pub fn require_email_verification(self, required: bool) -> Self {
        self.set("REQUIRE_EMAIL_VERIFICATION", required.to_string())
    }

    /// How many characters a new password may have: at least 8 to 64, at most 64 to 1024.
    #[must_use]
    pub fn password_length(self, lengths: std::ops::RangeInclusive<usize>) -> Self {
        self.set("PASSWORD_MIN_LENGTH", lengths.start().to_string())
            .set("PASSWORD_MAX_LENGTH", lengths.end().to_string())
    }

    /// Stores in a store of one's own. The secret must be set then.
    #[must_use]
    pub fn store<S: Store>(mut self, store: Arc<S>) -> Self {
        self.parts.storage = Some(Storage::of(store));
        self
    }

    /// Hashes passwords in another way.
    #[must_use]
    pub fn passwords(mut self, passwords: Arc<dyn HashPasswords>) -> Self {
        self.parts.passwords = Some(passwords);
        self
    }

    /// Searches breaches for passwords in another way: in a list of one's own, say.
    #[must_use]
    pub fn breaches(mut self, breaches: Breaches) -> Self {
        self.parts.breaches = Some(breaches);
        self
    }

    /// Sends mail in another way.
    #[must_use]
    pub fn mailer(mut self, mailer: Arc<dyn SendMail>) -> Self {
        self.parts.mailer = Some(mailer);
        self
    }

    /// Tells the time by another clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.parts.clock = Some(clock);
        self
    }

    /// Draws randomness from another source, which must be as good as the operating system's.
    #[must_use]
    pub fn randomness(mut self, randomness: Arc<dyn Randomness>) -> Self {
        self.parts.randomness = Some(randomness);
        self
    }

    /// Opens the database, migrates it, finds or makes the secret, and puts everything together.
    pub async fn build(self) -> Result<FastAuth, BuildError> {
        Box::pin(FastAuth::of_parts(self.settings.resolve()?, self.parts)).await
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use fastauth_memory::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn settings_are_checked_as_the_servers_are() {
        let error = FastAuth::builder().password_length(4..=128).build().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "PASSWORD_MIN_LENGTH in the program is 4: it must be a whole number from 8 to 64."
        );
    }

    #[tokio::test]
    async fn a_store_of_ones_own_needs_a_secret_of_ones_own() {
        let with_store = || FastAuth::builder().store(Arc::new(MemoryStore::default()));
        assert!(matches!(with_store().build().await, Err(BuildError::NoSecret)));
        let secret = "oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into();
        assert!(with_store().secret_key(&secret).build().await.is_ok());
    }
}
