//! Settings that are understood, and the policies they come to.

use fastauth_application::budget::MailRates;
use fastauth_domain::{
    gate::VerificationRule,
    guess::GuessLimits,
    one_time::Lifetimes,
    password::PasswordPolicy,
    retention::Retention,
    session::{SessionLimits, SessionPolicy},
};
use fastauth_ports::mail::Sender;
use fastauth_seaorm::Limits;

pub use super::table::Configuration;
use super::{
    Settings,
    database::Database,
    form::{Form, Refused},
    problem::Problems,
    table::TABLE,
};

/// The weakest parameters that the OWASP Password Storage Cheat Sheet recommends for Argon2id: 7 MiB
/// in 5 passes, 9 MiB in 4, 12 MiB in 3, 19 MiB in 2 and 46 MiB in one all come to this or more.
const LEAST_MEMORY_TIMES_ITERATIONS: u64 = 7_168 * 5;

impl Configuration {
    /// How long sessions last, and how refresh tokens repeat.
    pub const fn sessions(&self) -> SessionPolicy {
        let normal = SessionLimits { idle: self.idle_limit, absolute: self.absolute_limit };
        let remembered = SessionLimits {
            idle: self.remembered_idle_limit,
            absolute: self.remembered_absolute_limit,
        };
        SessionPolicy {
            normal,
            remembered,
            reuse_interval: self.reuse_interval,
            most: self.sessions_per_account,
        }
    }

    /// How long the links in mails work.
    pub const fn link_lifetimes(&self) -> Lifetimes {
        Lifetimes {
            email_verification: self.email_verification_lifetime,
            password_reset: self.password_reset_lifetime,
            email_change: self.email_change_lifetime,
            email_revert: self.email_revert_lifetime,
        }
    }

    /// How long what is of no use any more is kept.
    pub const fn retention(&self) -> Retention {
        Retention {
            one_time_tokens: self.token_retention,
            sessions: self.session_retention,
            audit_events: self.audit_retention,
            origins: self.origin_retention,
            settled_mails: self.mail_retention,
        }
    }

    /// What storage may take of the database.
    pub const fn database_limits(&self) -> Limits {
        Limits {
            connections: self.database_connections,
            acquire: self.database_acquire_timeout,
            statement: self.database_statement_timeout,
            cache_statements: self.database_statement_cache,
        }
    }

    /// Which passwords are accepted.
    pub fn passwords(&self) -> PasswordPolicy {
        PasswordPolicy {
            min_length: self.password_min_length,
            max_length: self.password_max_length,
            product: Some(self.product_name.clone()),
        }
    }

    /// Whether an address must be proven before its account gets a token.
    pub const fn verification(&self) -> VerificationRule {
        if self.require_email_verification {
            VerificationRule::Required
        } else {
            VerificationRule::Optional
        }
    }

    /// Whom mail comes from.
    pub fn sender(&self) -> Sender {
        Sender { address: self.mail_from.clone(), name: self.mail_from_name.clone() }
    }

    /// How much mail goes to people who have not asked for it.
    pub const fn mail_rates(&self) -> MailRates {
        MailRates {
            to_strangers: self.mail_to_strangers,
            to_strangers_per_domain: self.mail_to_strangers_per_domain,
            to_strangers_per_client: self.mail_to_strangers_per_client,
            notices_per_recipient: self.notices_per_recipient,
        }
    }

    /// How often passwords may be guessed.
    pub const fn guess_limits(&self) -> GuessLimits {
        GuessLimits { rate: self.limit_login, most: self.wrong_passwords }
    }

    /// What mails are written from.
    pub fn templates(&self) -> fastauth_templates::Options {
        fastauth_templates::Options {
            product: self.product_name.clone(),
            language: self.mail_language.clone(),
            directory: self.mail_templates.clone(),
        }
    }

    /// Checks what must hold between settings.
    pub(super) fn check(&self, settings: &Settings, problems: &mut Problems) {
        self.check_secret(problems);
        self.check_metrics(problems);
        self.check_proxies(problems);
        self.check_hashing(settings, problems);
        self.check_breaches(problems);
        self.check_mail(problems);
        for (idle, absolute, holds) in [
            (
                "REFRESH_TOKEN_EXPIRE_DAYS",
                "SESSION_EXPIRE_DAYS",
                self.idle_limit <= self.absolute_limit,
            ),
            (
                "REMEMBERED_REFRESH_TOKEN_EXPIRE_DAYS",
                "REMEMBERED_SESSION_EXPIRE_DAYS",
                self.remembered_idle_limit <= self.remembered_absolute_limit,
            ),
        ] {
            if !holds {
                let (idle, absolute) = (settings.told(idle), settings.told(absolute));
                problems.add(format!(
                    "{idle} is more than {absolute}: a session ends at the latter, so raise it \
                     or lower the former."
                ));
            }
        }
    }

    fn check_secret(&self, problems: &mut Problems) {
        if self.secret_key.is_some() && self.secret_key_file.is_some() {
            problems
                .add("SECRET_KEY and SECRET_KEY_FILE are both set: keep one of them.".to_owned());
        }
        let is_set = self.secret_key.is_some() || self.secret_key_file.is_some();
        if !is_set && !self.host.is_loopback() {
            problems.add(format!(
                "SECRET_KEY is not set, and HOST {} can be reached from other machines: set it, \
                 the same for every instance, to what `fastauth keys generate` prints, or \
                 set SECRET_KEY_FILE to a file that holds it.",
                self.host
            ));
        } else if let (false, Database::Server { shown, .. }) = (is_set, &self.database) {
            problems.add(format!(
                "SECRET_KEY is not set, and DATABASE_URL {shown} can be shared by several instances: \
                 set it, the same for every instance, to what `fastauth keys generate` prints, or \
                 set SECRET_KEY_FILE to a file that holds it."
            ));
        }
    }

    fn check_metrics(&self, problems: &mut Problems) {
        let Some(metrics) = self.metrics_listen else { return };
        let overlaps = metrics.ip() == self.host
            || metrics.ip().is_unspecified()
            || self.host.is_unspecified();
        if overlaps && metrics.port() == self.port {
            problems.add(format!(
                "METRICS_LISTEN {metrics} is where the server itself listens: give it a port other \
                 than PORT."
            ));
        }
    }

    fn check_proxies(&self, problems: &mut Problems) {
        if self.proxy_protocol && self.trusted_proxies.is_none() {
            problems.add(
                "PROXY_PROTOCOL is on, and TRUSTED_PROXIES does not say who speaks it: set the latter \
                 to the addresses of your proxies, or turn the former off."
                    .to_owned(),
            );
        }
    }

    fn check_hashing(&self, settings: &Settings, problems: &mut Problems) {
        let work = u64::from(self.argon2_memory_kib) * u64::from(self.argon2_iterations);
        if work < LEAST_MEMORY_TIMES_ITERATIONS {
            let memory = settings.told("ARGON2_MEMORY_KIB");
            let iterations = settings.told("ARGON2_ITERATIONS");
            problems.add(format!(
                "{memory} times {iterations} is too little to protect passwords: together they \
                 must come to at least {LEAST_MEMORY_TIMES_ITERATIONS}, as 19456 times 2 does."
            ));
        }
    }
}

impl Settings {
    /// A setting with the value that counts, for a sentence about several.
    fn told(&self, name: &str) -> String {
        let setting = TABLE.iter().find(|setting| setting.name == name);
        match setting.and_then(|setting| self.effective(setting)) {
            Some(effective) => {
                format!("{name} {} from {}", effective.text.as_str(), effective.source)
            }
            None => name.to_owned(),
        }
    }
}

/// Reads one setting: nothing if it has no value, or one that is wrong and is told of.
pub(super) fn read<F: Form>(
    name: &str,
    form: &F,
    settings: &Settings,
    problems: &mut Problems,
) -> Option<F::Value> {
    let setting = TABLE.iter().find(|setting| setting.name == name)?;
    let effective = settings.effective(setting)?;
    let text = effective.text.as_str();
    let subject = format!("{} in {}", effective.name, effective.source);
    let sentence = if text.is_empty() {
        format!("{subject} is empty: take it out, or set it to {}.", form.words())
    } else if text.chars().any(char::is_control) {
        format!("{subject} contains a line break or another control character: take it out.")
    } else {
        let judgement =
            form.show(text).map_or("cannot be used".to_owned(), |shown| format!("is {shown}"));
        match form.read(text) {
            Ok(value) => return Some(value),
            Err(Refused::OtherForm) => {
                format!("{subject} {judgement}: it must be {}.", form.words())
            }
            Err(Refused::Because(reason)) => format!("{subject} {judgement}: {reason}."),
        }
    };
    problems.add_about(effective.source, sentence);
    None
}
