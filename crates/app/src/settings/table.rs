//! The one table of settings: name, default, form and documentation.
//!
//! From it come what is read, `--help`, the reference page and what is said of unknown names. A
//! setting without documentation cannot be written down here.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
    time::Duration,
};

use fastauth_application::letters::LinkTemplate;
use fastauth_argon2::Peppers;
use fastauth_breaches::BreachSource;
use fastauth_domain::{
    account::DisplayName, breaches::OutagePolicy, email::EmailAddress, language::Language,
    limit::Rate, role::RoleName, server_key::ServerKey,
};
use fastauth_http::{TrustedProxies, WebOrigin};
use fastauth_smtp::{Encryption, ExtraRoots};
use fastauth_webhook::{Endpoint, Secrets};
use secrecy::SecretString;

use super::{
    Settings,
    breaches::{BreachesUrl, WhenUnanswered},
    configuration::read,
    database::{Database, DatabaseUrl},
    form::{
        Address, Directory, Form, Link, Listener, LogFilter, LogFormat, Mailbox, Most, Name,
        Proxies, Quota, Role, Span, Switch, TokenCheck, Tongue, WebOrigins, Whole,
    },
    limits::{RedisServer, RedisUrl},
    mail::{
        Certificates, Host, MailProvider, Password, Path, Protection, ServiceUrl, Text, Topic,
        WebhookSecrets, WebhookUrl,
    },
    problem::Problems,
    public_url::{Origin, PublicUrl},
    secret::{Pepper, Secret, SecretFile},
};

/// A line of the table.
pub(super) struct Setting {
    /// Under which heading it is described.
    pub(super) section: &'static str,
    /// Its name, in every source.
    pub(super) name: &'static str,
    /// Other names that are read too.
    pub(super) aliases: &'static [&'static str],
    /// What counts when nothing is set; `<NAME>` stands for what counts for another setting.
    pub(super) default: Option<&'static str>,
    /// What it means, a line of the source at a time.
    pub(super) documentation: &'static [&'static str],
    /// What is right, to follow "must be".
    pub(super) words: fn() -> String,
    /// What may be shown of a value; nothing of a secret.
    pub(super) show: fn(&str) -> Option<String>,
}

impl Setting {
    /// Every name it is read by, the one that wins first.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// Whether a setting is read by this name.
pub(super) fn is_known(name: &str) -> bool {
    TABLE.iter().flat_map(Setting::names).any(|known| known == name)
}

macro_rules! settings {
    ($($section:literal {$(
        $(#[doc = $documentation:literal])+
        $field:ident: $type:ty = $name:ident $(or $alias:ident)*,
            $presence:ident $(($default:literal))?, $form:expr;
    )+})+) => {
        /// Every setting, in the order of the reference.
        pub(super) static TABLE: &[Setting] = &[$($(Setting {
            section: $section,
            name: stringify!($name),
            aliases: &[$(stringify!($alias)),*],
            default: settings!(@default $($default)?),
            documentation: &[$($documentation),+],
            words: || Form::words(&$form),
            show: |text| Form::show(&$form, text),
        },)+)+];

        /// Every setting, understood.
        #[derive(Clone, Debug)]
        pub struct Configuration {
            $($($(#[doc = $documentation])+ pub $field: $type,)+)+
        }

        impl Configuration {
            /// Reads every setting, and says what is wrong with each that cannot be read.
            pub(super) fn read(settings: &Settings, problems: &mut Problems) -> Option<Self> {
                $($(let $field = read(stringify!($name), &$form, settings, problems);)+)+
                Some(Self { $($($field: settings!(@$presence $field),)+)+ })
            }
        }
    };
    (@default $default:literal) => { Some($default) };
    (@default) => { None };
    (@default_to $field:ident) => { $field? };
    (@optional $field:ident) => { $field };
}

settings! {
    "Server" {
        /// The address to listen on. Any other than a loopback address can be reached from other
        /// machines, and then the secret must be set.
        host: IpAddr = HOST, default_to("127.0.0.1"), Address;

        /// The port to listen on.
        port: u16 = PORT, default_to("8000"), Whole(1..=65_535);

        /// Where people reach the server: the base of the links in mails, and the issuer of access
        /// tokens.
        public_url: PublicUrl = PUBLIC_URL, default_to("http://localhost:<PORT>"), Origin;

        /// Where accounts and sessions are stored.
        database: Database = DATABASE_URL, default_to("sqlite://fastauth.db?mode=rwc"), DatabaseUrl;

        /// Whether a start brings the database to what this version needs. Otherwise a start is
        /// refused until `fastauth migrate` has done it.
        migrate_on_start: bool = MIGRATE_ON_START, default_to("true"), Switch;

        /// How many connections to the database an instance opens at most. Of a SQLite file, how
        /// many read: one more writes.
        database_connections: u32 = DATABASE_CONNECTIONS, default_to("10"), Whole(1..=1_000);

        /// How long a request waits for a connection to the database before it is answered 503.
        database_acquire_timeout: Duration =
            DATABASE_ACQUIRE_TIMEOUT_SECONDS, default_to("2"), Span::seconds(1..=60);

        /// How long a statement may take before its request is answered 503.
        database_statement_timeout: Duration =
            DATABASE_STATEMENT_TIMEOUT_SECONDS, default_to("3"), Span::seconds(1..=60);

        /// Whether connections keep their prepared statements. To be turned off behind a pooler that
        /// gives each transaction another connection, as PgBouncer before 1.21 does.
        database_statement_cache: bool = DATABASE_STATEMENT_CACHE, default_to("true"), Switch;

        /// The proxies whose word is taken for where requests come from (`X-Forwarded-For`, or else
        /// `Forwarded`): their addresses and networks, with commas between them. Without any, the
        /// address of a client is the one that its connection comes from.
        trusted_proxies: Option<TrustedProxies> = TRUSTED_PROXIES, optional, Proxies;

        /// Whether these proxies begin each connection with a PROXY header of version 1 or 2, which says
        /// whose it is. One of theirs that does not is closed; others are taken as they are. A program
        /// that embeds FastAuth accepts connections by itself, and this says nothing to it.
        proxy_protocol: bool = PROXY_PROTOCOL, default_to("off"), Switch;

        /// How many clients may be connected at a time. Others wait to be accepted, so it belongs below
        /// the number of files that the system allows the program to open (`ulimit -n`).
        connections: u32 = MAX_CONNECTIONS, default_to("10000"), Whole(1..=1_000_000);

        /// How many of these connections one client may have: an address, or the first 64 bits of one that
        /// is IPv6. What is more is closed without an answer. Those of trusted proxies count for whom a
        /// PROXY header names, and otherwise for nobody.
        connections_per_client: Option<NonZeroU32> = MAX_CONNECTIONS_PER_CLIENT,
            default_to("1000"), Most;

        /// Which pages of other web sites may use the API from a browser, by where they are loaded from.
        /// None may unless they are named.
        cors_origins: Option<Vec<WebOrigin>> = CORS_ORIGINS, optional, WebOrigins;

        /// What is logged, to standard error.
        log: String = LOG, default_to("info"), LogFilter;

        /// How log lines are written.
        log_format: LogFormat = LOG_FORMAT, default_to("text"), LogFormat::Text;

        /// Where `/metrics` is served, which nobody is asked for a password to read: an address that
        /// only those who watch the server can reach. It is served nowhere unless this is set.
        metrics_listen: Option<SocketAddr> = METRICS_LISTEN, optional, Listener;
    }
    "Secret" {
        /// The secret from which all keys are derived, the same for every instance. When it changes,
        /// every session and every link in a mail ends. While `HOST` is a loopback address it need not
        /// be set: the first start makes one and keeps it in `fastauth.key` beside the database.
        secret_key: Option<ServerKey> = SECRET_KEY, optional, Secret;

        /// A file that holds the secret, instead of `SECRET_KEY`.
        secret_key_file: Option<ServerKey> = SECRET_KEY_FILE, optional, SecretFile;
    }
    "Tokens and sessions" {
        /// How long an access token is accepted.
        access_token_lifetime: Duration = ACCESS_TOKEN_EXPIRE_MINUTES,
            default_to("30"), Span::minutes(1..=1_440);

        /// What the guard of a program that embeds FastAuth asks of an access token: whether its
        /// session is alive (`session`), so that a logout counts at once, or only whether it is signed
        /// and in force (`signature`), so that a logout counts when it expires. FastAuth's own routes
        /// always ask for the session.
        access_token_check: TokenCheck = ACCESS_TOKEN_CHECK,
            default_to("session"), TokenCheck::Session;

        /// For how long it is believed what was found of a session when somebody called. So long may
        /// it take until the other instances notice a logout; the one that it was sent to does at once.
        /// 0 looks each time.
        session_cache: Duration = SESSION_CACHE_SECONDS, default_to("0"), Span::seconds(0..=60);

        /// How long a session lasts without being used.
        idle_limit: Duration = REFRESH_TOKEN_EXPIRE_DAYS, default_to("7"), Span::days(1..=3_650);

        /// The same for a login with `remember`.
        remembered_idle_limit: Duration = REMEMBERED_REFRESH_TOKEN_EXPIRE_DAYS,
            default_to("90"), Span::days(1..=3_650);

        /// How long a session lasts in all.
        absolute_limit: Duration = SESSION_EXPIRE_DAYS, default_to("30"), Span::days(1..=3_650);

        /// The same for a login with `remember`.
        remembered_absolute_limit: Duration = REMEMBERED_SESSION_EXPIRE_DAYS,
            default_to("365"), Span::days(1..=3_650);

        /// How long a refresh token that was used may come again, from a second tab or after a lost
        /// answer, and be given the same successor. 0 is strict single use.
        reuse_interval: Duration = REFRESH_REUSE_INTERVAL_SECONDS,
            default_to("10"), Span::seconds(0..=60);

        /// How many sessions an account may have at a time: the next one ends the one that was used
        /// longest ago.
        sessions_per_account: Option<NonZeroU32> = SESSIONS_PER_ACCOUNT, default_to("off"), Most;
    }
    "Roles" {
        /// The role that every new account gets. It is made at the start if it is not there, and permits
        /// nothing until an administrator says so.
        default_role: Option<RoleName> = DEFAULT_ROLE, optional, Role;

        /// Whether access tokens say which roles their holder has and what these permit (`roles`,
        /// `permissions`), for programs that check tokens by themselves. Such a program learns of a change
        /// when the token is renewed. Where that is too much for a token, it says nothing of it.
        access_token_roles: bool = ACCESS_TOKEN_ROLES, default_to("false"), Switch;
    }
    "Housekeeping" {
        /// Whether this instance removes what has been kept for long enough. With several instances
        /// it is enough that one does, and no harm that all do.
        housekeeping: bool = HOUSEKEEPING, default_to("on"), Switch;

        /// How long a link's token is kept after it expired. Until then whoever follows the link is
        /// told that it has expired, and afterwards that it is invalid.
        token_retention: Duration = TOKEN_RETENTION_DAYS, default_to("7"), Span::days(1..=3_650);

        /// How long a session is kept after it ended, be it by itself or by a logout.
        session_retention: Duration = SESSION_RETENTION_DAYS,
            default_to("30"), Span::days(1..=3_650);

        /// How long it is kept on record which mails were sent or given up, and what became of them.
        mail_retention: Duration = MAIL_RETENTION_DAYS, default_to("30"), Span::days(1..=3_650);

        /// How long an audit event is kept.
        audit_retention: Duration = AUDIT_RETENTION_DAYS,
            default_to("400"), Span::days(1..=36_500);

        /// How long it is kept where audit events came from: addresses and devices. The events stay.
        origin_retention: Duration = ORIGIN_RETENTION_DAYS, default_to("30"), Span::days(1..=36_500);
    }
    "Limits" {
        /// How often a client may register: a number of times at once, and as many again over a
        /// number of seconds. Clients are told apart by their address, and by the first 64 bits of one
        /// that is IPv6. As often it may ask for another address while signed in.
        limit_register: Option<Rate> = RATE_LIMIT_REGISTER, default_to("3/60"), Quota;

        /// How often a client may try the password of one account; the right one is not counted. The
        /// passwords of all accounts together it may try four times as often at once and twice as often
        /// over time, and so may all strangers together that of one account.
        limit_login: Option<Rate> = RATE_LIMIT_LOGIN, default_to("5/60"), Quota;

        /// How often a client may have a link to verify an address mailed.
        limit_resend: Option<Rate> = RATE_LIMIT_RESEND, default_to("3/300"), Quota;

        /// How often a client may have a link to a new password mailed.
        limit_reset: Option<Rate> = RATE_LIMIT_RESET, default_to("3/300"), Quota;

        /// After how many wrong passwords in a row an account takes none any more, until its password is
        /// reset. Nobody is told. A client that signed in to the account before has a count of its own.
        wrong_passwords: Option<NonZeroU32> = MAX_WRONG_PASSWORDS, default_to("100"), Most;

        /// A Redis or Valkey server in which the instances count together what a client tries: how often
        /// it registers, asks for links and tries passwords. Wrong passwords in a row, and mail, are
        /// counted in the database in any case, and so is everything while Redis does not answer. Without
        /// it, everything always is.
        redis: Option<RedisServer> = REDIS_URL, optional, RedisUrl;
    }
    "Addresses and mail" {
        /// Whether an address must be verified before its account gets tokens.
        require_email_verification: bool = REQUIRE_EMAIL_VERIFICATION, default_to("false"), Switch;

        /// How long a link to verify an address works.
        email_verification_lifetime: Duration = EMAIL_VERIFICATION_EXPIRE_HOURS,
            default_to("24"), Span::hours(1..=168);

        /// How long a link to a new password works.
        password_reset_lifetime: Duration = PASSWORD_RESET_EXPIRE_HOURS,
            default_to("1"), Span::hours(1..=24);

        /// How long a link to another address works.
        email_change_lifetime: Duration = EMAIL_CHANGE_EXPIRE_HOURS,
            default_to("24"), Span::hours(1..=168);

        /// How long the way back works that the old address is mailed.
        email_revert_lifetime: Duration = EMAIL_REVERT_EXPIRE_DAYS,
            default_to("7"), Span::days(1..=90);

        /// Where mail goes: `console` prints it on standard output, `eml` writes it into a directory,
        /// `smtp` hands it to a mail server, `ses` to Amazon SES and `webhook` to a URL, `memory` keeps
        /// it in the process and sends nothing.
        mail_provider: MailProvider = EMAIL_PROVIDER, default_to("console"), MailProvider::Console;

        /// The directory that `EMAIL_PROVIDER=eml` writes mail into. It is made if it is not there.
        mail_directory: PathBuf = EMAIL_DIRECTORY, default_to("mail"), Path;

        /// The address that mail comes from.
        mail_from: EmailAddress = EMAIL_FROM or SMTP_FROM_EMAIL,
            default_to("no-reply@localhost"), Mailbox;

        /// The name that mail comes from.
        mail_from_name: Option<DisplayName> = EMAIL_FROM_NAME or SMTP_FROM_NAME, optional, Name;

        /// How much mail goes to addresses that are not proven, in all: a number of mails, and of
        /// seconds. What is more waits, and is withheld after a quarter of an hour, so that nobody can
        /// have strangers flooded.
        mail_to_strangers: Option<Rate> = EMAIL_STRANGERS, default_to("600/3600"), Quota;

        /// The same for the addresses of one domain.
        mail_to_strangers_per_domain: Option<Rate> =
            EMAIL_STRANGERS_PER_DOMAIN, default_to("300/3600"), Quota;

        /// The same for what one client causes. Clients behind a proxy that is not on the public
        /// internet are not told apart, and not counted.
        mail_to_strangers_per_client: Option<Rate> =
            EMAIL_STRANGERS_PER_CLIENT, default_to("20/3600"), Quota;

        /// How many links of a kind one address gets that anybody may ask for: to verify it, or to a new
        /// password. As many registrations of one address are taken where addresses must be verified.
        /// Whoever asks for more is not told; the last link works on.
        links_per_recipient: Option<Rate> = EMAIL_LINKS_PER_RECIPIENT,
            default_to("10/3600"), Quota;

        /// How many notices one address gets, such as that a password was changed.
        notices_per_recipient: Option<Rate> = EMAIL_NOTICES_PER_RECIPIENT,
            default_to("10/3600"), Quota;

        /// What the product is called in mails. It is no password.
        product_name: DisplayName = PRODUCT_NAME, default_to("FastAuth"), Name;

        /// The language of mails to people whose own is not known, or not there. `en` and `de` are
        /// built in.
        mail_language: Language = EMAIL_LANGUAGE, default_to("en"), Tongue;

        /// A directory of templates that take the place of those built in.
        mail_templates: Option<PathBuf> = EMAIL_TEMPLATES_DIR, optional, Directory;

        /// Where the link to verify an address leads; `{token}` is replaced.
        email_verification_url: LinkTemplate = EMAIL_VERIFICATION_URL,
            default_to("<PUBLIC_URL>/verify-email?token={token}"), Link;

        /// Where the link to a new password leads; `{token}` is replaced.
        password_reset_url: LinkTemplate = PASSWORD_RESET_URL,
            default_to("<PUBLIC_URL>/reset-password?token={token}"), Link;

        /// Where the link to another address leads; `{token}` is replaced.
        email_change_url: LinkTemplate = EMAIL_CHANGE_URL,
            default_to("<PUBLIC_URL>/change-email?token={token}"), Link;

        /// Where the way back to the old address leads; `{token}` is replaced.
        email_revert_url: LinkTemplate = EMAIL_REVERT_URL,
            default_to("<PUBLIC_URL>/keep-email?token={token}"), Link;
    }
    "SMTP" {
        /// The mail server that `EMAIL_PROVIDER=smtp` hands mail to.
        smtp_host: Option<String> = SMTP_HOST, optional, Host;

        /// Its port: 587 with `SMTP_TLS=starttls`, usually, and 465 with `implicit`.
        smtp_port: u16 = SMTP_PORT, default_to("587"), Whole(1..=65_535);

        /// The name to sign in with there.
        smtp_username: Option<String> = SMTP_USERNAME, optional, Text;

        /// The password to sign in with there.
        smtp_password: Option<SecretString> = SMTP_PASSWORD, optional, Password;

        /// How the connection is encrypted: from its beginning (`implicit`), before anything is told
        /// (`starttls`), or not at all (`none`). A server that does not offer it gets nothing.
        smtp_tls: Encryption = SMTP_TLS, default_to("starttls"), Protection;

        /// Certificate authorities to trust besides those of the public web, for a server of one's
        /// own.
        smtp_certificates: Option<ExtraRoots> = SMTP_CA_FILE, optional, Certificates;
    }
    "Amazon SES" {
        /// The AWS region of SES. Credentials are found where AWS's tools find them.
        ses_region: Option<String> = AWS_REGION, optional, Text;

        /// Where SES is, if not where it usually is in the region.
        ses_endpoint: Option<String> = SES_ENDPOINT_URL, optional, ServiceUrl;

        /// The configuration set that mail is sent with.
        ses_configuration_set: Option<String> = SES_CONFIGURATION_SET, optional, Text;

        /// The topic through which SES tells what became of mail. Its messages are posted to
        /// `/mail/notices/ses`, which is there if this is set.
        ses_topic: Option<String> = SES_NOTICES_TOPIC_ARN, optional, Topic;
    }
    "Webhook" {
        /// The URL that `EMAIL_PROVIDER=webhook` hands mail to.
        webhook_url: Option<Endpoint> = EMAIL_WEBHOOK_URL, optional, WebhookUrl;

        /// What mail that is handed to the URL is signed with. Of several, with each.
        webhook_secrets: Option<Secrets> = EMAIL_WEBHOOK_SECRET, optional, WebhookSecrets;

        /// What notices of the fate of mail must be signed with. They are posted to `/mail/notices`,
        /// which is there if this is set.
        notice_secrets: Option<Secrets> = EMAIL_NOTICES_SECRET, optional, WebhookSecrets;
    }
    "Passwords" {
        /// The fewest characters of a new password, counted after Unicode normalisation.
        password_min_length: usize = PASSWORD_MIN_LENGTH, default_to("8"), Whole(8..=64);

        /// The most characters of a new password. Longer ones are refused, never cut.
        password_max_length: usize = PASSWORD_MAX_LENGTH, default_to("128"), Whole(64..=1_024);

        /// A service that is asked whether a new password is known from breaches, such as
        /// `https://api.pwnedpasswords.com` or a mirror of it. It is told five digits of a hash, and
        /// nothing of whose password it is. Nobody is asked unless this is set.
        breached_passwords_url: Option<BreachSource> = BREACHED_PASSWORDS_URL, optional, BreachesUrl;

        /// What becomes of a new password when that service gives no answer within a second: it is
        /// accepted by the other rules alone (`accept`), or its request is answered 503 (`refuse`).
        breached_passwords_outage: OutagePolicy = BREACHED_PASSWORDS_OUTAGE,
            default_to("accept"), WhenUnanswered;

        /// The memory that hashing a password takes, in KiB. Memory times iterations must be at
        /// least 35840, the weakest that OWASP recommends. A stored hash with other parameters is
        /// renewed at the next login.
        argon2_memory_kib: u32 = ARGON2_MEMORY_KIB, default_to("19456"), Whole(7_168..=262_144);

        /// How often hashing passes over that memory.
        argon2_iterations: u32 = ARGON2_ITERATIONS, default_to("2"), Whole(1..=10);

        /// In how many lanes it does.
        argon2_parallelism: u32 = ARGON2_PARALLELISM, default_to("1"), Whole(1..=4);

        /// A secret that goes into new hashes and is not in the database, so that whoever steals that
        /// cannot even begin to guess. Those of earlier follow it, with spaces between them, for as long
        /// as there are hashes with them; `none` in the first place makes new hashes without. Without
        /// the pepper of its hash a password opens nothing.
        password_pepper: Option<Peppers> = PASSWORD_PEPPER, optional, Pepper;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_told_once() {
        let mut names: Vec<&str> = TABLE.iter().flat_map(Setting::names).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
