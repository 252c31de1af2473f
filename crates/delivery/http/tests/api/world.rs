//! A FastAuth in one process, whose clock and mail are in the hands of the test.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use fastauth_application::{
    account::Accounts,
    budget::{Budget, MailRates},
    deliveries::Deliveries,
    email_verification::EmailVerifications,
    letters::{Letters, LinkTemplate},
    login::Logins,
    moments::Moments,
    outbox::{Bell, MailRelay},
    password_reset::PasswordResets,
    register::Registrations,
    roles::Roles,
    session::Sessions,
    tokens::TokenIssuer,
};
use fastauth_domain::{
    email::EmailAddress,
    gate::VerificationRule,
    language::{Language, Languages},
    one_time::{Issuer, Lifetimes, OneTimeKey},
    password::PasswordPolicy,
    refresh_token::RefreshKey,
    register::RegistrationRules,
    role::RoleName,
    server_key::ServerKey,
    session::{SessionLimits, SessionPolicy},
};
use fastauth_http::UseCases;
use fastauth_memory::MemoryStore;
use fastauth_ports::{fault::Fault, mail::Sender};
use fastauth_testkit::{
    access_tokens::OpaqueAccessTokens, clock::TurnableClock, letters::PlainLetters,
    mail::CaughtMail, passwords::PlainHasher, randomness::Dice,
};
use http_body_util::BodyExt;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) const EMAIL: &str = "user@example.com";
pub(crate) const PASSWORD: &str = "securepassword123";
pub(crate) const DAY: Duration = Duration::from_hours(24);

pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) use_cases: UseCases,
    pub(crate) store: MemoryStore,
    pub(crate) fault: Arc<Fault>,
    pub(crate) clock: Arc<TurnableClock>,
    pub(crate) hasher: Arc<PlainHasher>,
    mail: Arc<CaughtMail>,
    relay: MailRelay,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn member(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_else(|| panic!("no {name}: {self:?}")).to_owned()
    }

    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and code, as `401 invalid_credentials`.
    pub(crate) fn outcome(&self) -> String {
        let code = if self.body.is_empty() { Value::Null } else { self.json()["code"].clone() };
        format!("{} {}", self.status.as_u16(), code.as_str().unwrap_or_default()).trim().to_owned()
    }
}

impl World {
    /// Where an account may be used at once.
    pub(crate) fn open() -> Self {
        Self::new(VerificationRule::Optional)
    }

    /// Where addresses must be verified.
    pub(crate) fn verifying() -> Self {
        Self::new(VerificationRule::Required)
    }

    /// Where new accounts get this role.
    pub(crate) fn giving(role: RoleName) -> Self {
        let parts = Parts::new(VerificationRule::Optional);
        Self::of(Parts { default_role: Some(role), ..parts })
    }

    fn new(verification: VerificationRule) -> Self {
        Self::of(Parts::new(verification))
    }

    fn of(parts: Parts) -> Self {
        crate::log::start();
        let use_cases = parts.use_cases();
        let Parts { store, fault, clock, hasher, server, .. } = parts;
        let mail = Arc::new(CaughtMail::default());
        let link =
            |page| LinkTemplate::parse(&format!("http://test/{page}?token={{token}}")).unwrap();
        let relay = MailRelay {
            outbox: Arc::new(store.clone()),
            transport: Arc::clone(&mail) as _,
            letters: Letters {
                key: OneTimeKey::new(&server),
                writer: Arc::new(PlainLetters::new(Language::parse("en").unwrap(), [])),
                from: Sender {
                    address: EmailAddress::parse("no-reply@example.com").unwrap(),
                    name: None,
                },
                email_verification: link("verify-email"),
                password_reset: link("reset-password"),
            },
            deliveries: Arc::new(store.clone()),
            budget: Budget { limits: Arc::new(store.clone()), rates: MailRates::default() },
            moments: Moments {
                clock: Arc::clone(&clock) as _,
                randomness: Arc::new(Dice::default()),
            },
            bell: Bell::default(),
        };
        let router = fastauth_http::server_router(&use_cases, vec![Arc::new(store.clone())]);
        Self { router, use_cases, store, fault, clock, hasher, mail, relay }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(request(Method::POST, path, "application/json", body.to_string())).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn me(&self, access_token: &str) -> Answer {
        let request = Request::get("/auth/me")
            .header(header::AUTHORIZATION, format!("Bearer {access_token}"))
            .body(Body::empty());
        self.send(request.unwrap()).await
    }

    /// Sends something as the holder of an access token.
    pub(crate) async fn send_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Answer {
        let mut request = request(method, path, "application/json", body.to_string());
        let bearer = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        self.send(request).await
    }

    pub(crate) async fn register(&self, email: &str) -> Answer {
        self.post("/auth/register", &json!({ "email": email, "password": PASSWORD })).await
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        self.post("/auth/login", &json!({ "email": email, "password": password })).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.post("/auth/refresh", &json!({ "refresh_token": token })).await
    }

    /// Sends the outbox, and says how many mails have been sent in all.
    pub(crate) async fn mails(&self) -> usize {
        while self.relay.deliver_due().await.unwrap() > 0 {}
        self.mail.sent().len()
    }

    /// The text of the newest mail.
    pub(crate) async fn newest_mail(&self) -> String {
        self.mails().await;
        self.mail.sent().last().unwrap().text.expose_secret().to_owned()
    }

    /// What the newest mail is about.
    pub(crate) async fn newest_subject(&self) -> String {
        self.mails().await;
        self.mail.sent().last().unwrap().subject.clone()
    }

    /// The token in the newest mail.
    pub(crate) async fn mailed_token(&self) -> String {
        let text = self.newest_mail().await;
        let (_, rest) = text.split_once("?token=").unwrap_or_else(|| panic!("no link: {text}"));
        rest.split_whitespace().next().unwrap().to_owned()
    }
}

pub(crate) fn request(
    method: Method,
    path: &str,
    content_type: &str,
    body: String,
) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body))
        .unwrap()
}

/// What the use cases are made of.
struct Parts {
    store: MemoryStore,
    fault: Arc<Fault>,
    clock: Arc<TurnableClock>,
    hasher: Arc<PlainHasher>,
    server: ServerKey,
    moments: Moments,
    tokens: TokenIssuer,
    issuer: Issuer,
    verification: VerificationRule,
    default_role: Option<RoleName>,
}

const PASSWORDS: PasswordPolicy = PasswordPolicy { min_length: 8, max_length: 128 };

const SESSIONS: SessionPolicy = SessionPolicy {
    normal: SessionLimits {
        idle: Duration::from_hours(7 * 24),
        absolute: Duration::from_hours(30 * 24),
    },
    remembered: SessionLimits {
        idle: Duration::from_hours(90 * 24),
        absolute: Duration::from_hours(365 * 24),
    },
    reuse_interval: Duration::from_secs(10),
};

impl Parts {
    fn new(verification: VerificationRule) -> Self {
        let clock = Arc::new(TurnableClock::default());
        let server = ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap();
        let moments =
            Moments { clock: Arc::clone(&clock) as _, randomness: Arc::new(Dice::default()) };
        let tokens = TokenIssuer {
            access_tokens: Arc::new(OpaqueAccessTokens::default()),
            roles: None,
            refresh_key: RefreshKey::new(&server),
            clock: Arc::clone(&clock) as _,
        };
        let lifetimes =
            Lifetimes { email_verification: DAY, password_reset: Duration::from_hours(1) };
        let issuer = Issuer { key: OneTimeKey::new(&server), lifetimes };
        let (fault, hasher) = (Arc::<Fault>::default(), Arc::<PlainHasher>::default());
        let store = MemoryStore::default().with_fault(Arc::clone(&fault));
        let default_role = None;
        Self {
            store,
            fault,
            clock,
            hasher,
            server,
            moments,
            tokens,
            issuer,
            verification,
            default_role,
        }
    }

    fn use_cases(&self) -> UseCases {
        UseCases {
            registrations: Arc::new(self.registrations()),
            logins: Arc::new(self.logins()),
            sessions: Arc::new(self.sessions()),
            accounts: Arc::new(self.accounts()),
            password_resets: Arc::new(self.password_resets()),
            email_verifications: Arc::new(self.email_verifications()),
            roles: Arc::new(self.roles()),
            languages: Arc::new(Languages::new(Language::parse("en").unwrap(), [])),
            deliveries: Arc::new(self.deliveries()),
            notices: Vec::new(),
        }
    }

    fn deliveries(&self) -> Deliveries {
        Deliveries {
            reads: Arc::new(self.store.clone()),
            queue: Arc::new(self.store.clone()),
            outbox: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            moments: self.moments.clone(),
        }
    }

    fn roles(&self) -> Roles {
        Roles {
            roles: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            moments: self.moments.clone(),
        }
    }

    fn registrations(&self) -> Registrations {
        Registrations {
            accounts: Arc::new(self.store.clone()),
            roles: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            passwords: Arc::clone(&self.hasher) as _,
            moments: self.moments.clone(),
            tokens: self.tokens.clone(),
            password_policy: PASSWORDS,
            rules: RegistrationRules {
                verification: self.verification,
                sessions: SESSIONS,
                one_time: self.issuer.clone(),
            },
            default_role: self.default_role.clone(),
        }
    }

    fn logins(&self) -> Logins {
        Logins {
            accounts: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            passwords: Arc::clone(&self.hasher) as _,
            moments: self.moments.clone(),
            tokens: self.tokens.clone(),
            verification: self.verification,
            sessions: SESSIONS,
        }
    }

    fn sessions(&self) -> Sessions {
        Sessions {
            sessions: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            moments: self.moments.clone(),
            tokens: self.tokens.clone(),
            refresh_key: RefreshKey::new(&self.server),
            verification: self.verification,
            policy: SESSIONS,
        }
    }

    fn accounts(&self) -> Accounts {
        Accounts {
            access_tokens: Arc::clone(&self.tokens.access_tokens),
            sessions: Arc::new(self.store.clone()),
            clock: Arc::clone(&self.clock) as _,
            verification: self.verification,
        }
    }

    fn password_resets(&self) -> PasswordResets {
        PasswordResets {
            accounts: Arc::new(self.store.clone()),
            one_time_tokens: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            passwords: Arc::clone(&self.hasher) as _,
            moments: self.moments.clone(),
            issuer: self.issuer.clone(),
            password_policy: PASSWORDS,
        }
    }

    fn email_verifications(&self) -> EmailVerifications {
        EmailVerifications {
            accounts: Arc::new(self.store.clone()),
            one_time_tokens: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            moments: self.moments.clone(),
            issuer: self.issuer.clone(),
        }
    }
}
