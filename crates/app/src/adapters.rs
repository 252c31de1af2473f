//! The usual adapter for each port, as it is configured.

use std::sync::Arc;

use fastauth_application::breaches::Breaches;
use fastauth_argon2::{Argon2Hasher, Parameters};
use fastauth_breaches::RangeSearch;
use fastauth_console::ConsoleMail;
use fastauth_domain::server_key::ServerKey;
use fastauth_eml::EmlDirectory;
use fastauth_memory::Mailbox;
use fastauth_paseto::PasetoTokens;
use fastauth_ports::{
    access_tokens::AccessTokens, clock::Clock, limits::CountQuickly, mail::SendMail,
    passwords::HashPasswords, randomness::Randomness,
};
#[cfg(feature = "ses")]
use fastauth_ses::SesMail;
use fastauth_smtp::SmtpMail;
use fastauth_system::{OsRandomness, SystemClock};
use fastauth_webhook::WebhookMail;
#[cfg(feature = "redis")]
use secrecy::ExposeSecret;

#[cfg(feature = "ses")]
use crate::ses;
use crate::{
    builder::BuildError,
    settings::{Configuration, MailProvider},
};

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

pub(crate) fn randomness() -> Arc<dyn Randomness> {
    Arc::new(OsRandomness)
}

/// Starts the threads that hash.
pub(crate) fn passwords(
    configuration: &Configuration,
) -> Result<Arc<dyn HashPasswords>, BuildError> {
    let parameters = Parameters::new(
        configuration.argon2_memory_kib,
        configuration.argon2_iterations,
        configuration.argon2_parallelism,
    )?;
    let peppers = configuration.password_pepper.clone().unwrap_or_default();
    Ok(Arc::new(Argon2Hasher::start(&parameters, &peppers)?))
}

/// Where attempts are counted that may be forgotten, if not in the database.
pub(crate) fn quick_limits(
    configuration: &Configuration,
) -> Result<Option<Arc<dyn CountQuickly>>, BuildError> {
    let Some(server) = &configuration.redis else { return Ok(None) };
    #[cfg(feature = "redis")]
    {
        use fastauth_redis::{RedisLimits, RedisUrl};
        let url = RedisUrl::parse(server.url.expose_secret()).map_err(|_| BuildError::NoRedis)?;
        Ok(Some(Arc::new(RedisLimits::new(&url))))
    }
    #[cfg(not(feature = "redis"))]
    {
        let _ = server;
        Err(BuildError::NoRedis)
    }
}

/// Who is asked which passwords are known from breaches, if anybody.
pub(crate) fn breaches(configuration: &Configuration) -> Result<Breaches, BuildError> {
    let Some(source) = configuration.breached_passwords_url.clone() else {
        return Ok(Breaches::default());
    };
    let search = Arc::new(RangeSearch::new(source)?);
    Ok(Breaches::searched(search, configuration.breached_passwords_outage))
}

/// What mail is handed to.
#[cfg_attr(
    not(feature = "ses"),
    expect(clippy::unused_async, reason = "finding AWS's credentials takes a while")
)]
pub async fn mailer(
    configuration: &Configuration,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn SendMail>, BuildError> {
    Ok(match configuration.mail_provider {
        MailProvider::Console => Arc::new(ConsoleMail::default()),
        MailProvider::Eml => {
            let directory = EmlDirectory::open(&configuration.mail_directory, clock);
            Arc::new(directory.map_err(BuildError::NoMailDirectory)?)
        }
        #[cfg(feature = "ses")]
        MailProvider::Ses => {
            Arc::new(Box::pin(SesMail::new(ses::options(configuration)?, clock)).await)
        }
        #[cfg(not(feature = "ses"))]
        MailProvider::Ses => return Err(BuildError::Ses("it is not built in".to_owned())),
        MailProvider::Webhook => {
            let receiver = configuration.webhook().ok_or(BuildError::NoWebhook)?;
            Arc::new(WebhookMail::new(receiver, clock)?)
        }
        MailProvider::Smtp => {
            let relay = configuration.smtp().ok_or(BuildError::NoMailServer)?;
            Arc::new(SmtpMail::new(relay, clock)?)
        }
        MailProvider::Memory => Arc::new(Mailbox::default()),
    })
}

pub(crate) fn access_tokens(
    configuration: &Configuration,
    key: &ServerKey,
    randomness: &Arc<dyn Randomness>,
) -> Result<Arc<dyn AccessTokens>, BuildError> {
    let issuer = configuration.public_url.as_str();
    let lifetime = configuration.access_token_lifetime;
    Ok(Arc::new(PasetoTokens::new(key, issuer, lifetime, Arc::clone(randomness))?))
}
