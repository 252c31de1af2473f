//! What a FastAuth in one process is put together from.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use fastauth_application::{
    account::Accounts,
    audit::AuditTrail,
    bell::Bell,
    breaches::Breaches,
    deletion::Deletions,
    deliveries::Deliveries,
    email_change::EmailChanges,
    email_verification::EmailVerifications,
    export::Exports,
    guess::Guesses,
    limit::RequestLimit,
    login::Logins,
    moments::Moments,
    password_change::PasswordChanges,
    password_proof::PasswordProofs,
    password_reset::PasswordResets,
    pending_requests::PendingRequests,
    profile::Profiles,
    register::{FirstRole, Registrations},
    revocation::Revocations,
    roles::Roles,
    session::Sessions,
    tokens::TokenIssuer,
};
use fastauth_domain::{
    account::DisplayName,
    gate::VerificationRule,
    guess::GuessLimits,
    language::{Language, Languages},
    limit::Rate,
    one_time::{Issuer, Lifetimes, OneTimeKey},
    password::PasswordPolicy,
    refresh_token::RefreshKey,
    register::RegistrationRules,
    role::RoleName,
    server_key::ServerKey,
    session::{SessionLimits, SessionPolicy},
};
use fastauth_http::{TrustedProxies, UseCases};
use fastauth_memory::MemoryStore;
use fastauth_ports::fault::Fault;
use fastauth_testkit::{
    access_tokens::OpaqueAccessTokens, clock::TurnableClock, passwords::PlainHasher,
    randomness::Dice,
};

use crate::world::DAY;

/// What the use cases are made of.
pub(crate) struct Parts {
    pub(crate) store: MemoryStore,
    pub(crate) fault: Arc<Fault>,
    pub(crate) clock: Arc<TurnableClock>,
    pub(crate) hasher: Arc<PlainHasher>,
    pub(crate) server: ServerKey,
    pub(crate) moments: Moments,
    pub(crate) tokens: TokenIssuer,
    pub(crate) issuer: Issuer,
    pub(crate) verification: VerificationRule,
    pub(crate) default_role: Option<RoleName>,
    pub(crate) limits: Limits,
    pub(crate) breaches: Breaches,
    pub(crate) trusted_proxies: TrustedProxies,
}

/// How often something may be asked for; by default, any number of times.
#[derive(Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) register: Option<Rate>,
    pub(crate) resend: Option<Rate>,
    pub(crate) reset: Option<Rate>,
    pub(crate) links: Option<Rate>,
    pub(crate) guesses: GuessLimits,
}

fn passwords() -> PasswordPolicy {
    let product = DisplayName::parse("Acme & Sons").ok();
    PasswordPolicy { min_length: 8, max_length: 128, product }
}

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
    most: NonZeroU32::new(50),
};

impl Parts {
    pub(crate) fn new(verification: VerificationRule) -> Self {
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
        let lifetimes = Lifetimes {
            email_verification: DAY,
            password_reset: Duration::from_hours(1),
            email_change: DAY,
            email_revert: 7 * DAY,
        };
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
            limits: Limits::default(),
            breaches: Breaches::default(),
            trusted_proxies: TrustedProxies::default(),
        }
    }

    pub(crate) fn use_cases(&self) -> UseCases {
        UseCases {
            registrations: Arc::new(self.registrations()),
            logins: Arc::new(self.logins()),
            sessions: Arc::new(self.sessions()),
            accounts: Arc::new(self.accounts()),
            password_resets: Arc::new(self.password_resets()),
            email_verifications: Arc::new(self.email_verifications()),
            profiles: Arc::new(self.profiles()),
            password_changes: Arc::new(PasswordChanges {
                proofs: self.proofs(),
                password_policy: passwords(),
                breaches: self.breaches.clone(),
            }),
            email_changes: Arc::new(self.email_changes()),
            deletions: Arc::new(Deletions {
                proofs: self.proofs(),
                roles: Arc::new(self.store.clone()),
            }),
            exports: Arc::new(self.exports()),
            revocations: Arc::new(self.revocations()),
            roles: Arc::new(self.roles()),
            audit: Arc::new(AuditTrail { events: Arc::new(self.store.clone()) }),
            languages: Arc::new(Languages::new(Language::parse("en").unwrap(), [])),
            deliveries: Arc::new(self.deliveries()),
            notices: Vec::new(),
            trusted_proxies: self.trusted_proxies.clone(),
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

    fn registrations(&self) -> Registrations {
        Registrations {
            accounts: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            passwords: Arc::clone(&self.hasher) as _,
            limit: self.limit(self.limits.register, self.limits.links),
            moments: self.moments.clone(),
            tokens: self.tokens.clone(),
            password_policy: passwords(),
            breaches: self.breaches.clone(),
            rules: self.rules(),
            first_role: self.first_role(),
        }
    }

    /// What attends to what strangers ask for.
    pub(crate) fn pending_requests(&self) -> PendingRequests {
        PendingRequests {
            requests: Arc::new(self.store.clone()),
            accounts: Arc::new(self.store.clone()),
            first_role: self.first_role(),
            store: Arc::new(self.store.clone()),
            moments: self.moments.clone(),
            rules: self.rules(),
            bell: Bell::default(),
        }
    }

    fn first_role(&self) -> FirstRole {
        FirstRole { roles: Arc::new(self.store.clone()), name: self.default_role.clone() }
    }

    fn rules(&self) -> RegistrationRules {
        RegistrationRules {
            verification: self.verification,
            sessions: SESSIONS,
            one_time: self.issuer.clone(),
        }
    }

    fn logins(&self) -> Logins {
        Logins {
            pending: Arc::new(self.pending_requests()),
            accounts: Arc::new(self.store.clone()),
            earlier: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            passwords: Arc::clone(&self.hasher) as _,
            guesses: self.guesses(),
            moments: self.moments.clone(),
            tokens: self.tokens.clone(),
            verification: self.verification,
            sessions: SESSIONS,
        }
    }

    fn guesses(&self) -> Guesses {
        Guesses {
            limits: Arc::new(self.store.clone()),
            accounts: Arc::new(self.store.clone()),
            sessions: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            clock: Arc::clone(&self.clock) as _,
            policy: self.limits.guesses,
        }
    }

    fn limit(&self, per_client: Option<Rate>, per_mailbox: Option<Rate>) -> RequestLimit {
        RequestLimit {
            limits: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            clock: Arc::clone(&self.clock) as _,
            bell: Bell::default(),
            per_client,
            per_mailbox,
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
            one_time_tokens: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            passwords: Arc::clone(&self.hasher) as _,
            limit: self.limit(self.limits.reset, self.limits.links),
            moments: self.moments.clone(),
            password_policy: passwords(),
            breaches: self.breaches.clone(),
        }
    }

    fn email_verifications(&self) -> EmailVerifications {
        EmailVerifications {
            one_time_tokens: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            limit: self.limit(self.limits.resend, self.limits.links),
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

    fn proofs(&self) -> PasswordProofs {
        PasswordProofs {
            accounts: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            passwords: Arc::clone(&self.hasher) as _,
            guesses: self.guesses(),
            moments: self.moments.clone(),
        }
    }

    fn profiles(&self) -> Profiles {
        Profiles {
            accounts: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            moments: self.moments.clone(),
        }
    }

    fn email_changes(&self) -> EmailChanges {
        EmailChanges {
            proofs: self.proofs(),
            limit: self.limit(self.limits.register, None),
            one_time_tokens: Arc::new(self.store.clone()),
            issuer: self.issuer.clone(),
            verification: self.verification,
        }
    }

    fn exports(&self) -> Exports {
        Exports {
            accounts: Arc::new(self.store.clone()),
            roles: Arc::new(self.store.clone()),
            sessions: Arc::new(self.store.clone()),
            events: Arc::new(self.store.clone()),
            deliveries: Arc::new(self.store.clone()),
            one_time_tokens: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            moments: self.moments.clone(),
        }
    }

    fn revocations(&self) -> Revocations {
        Revocations {
            sessions: Arc::new(self.store.clone()),
            store: Arc::new(self.store.clone()),
            moments: self.moments.clone(),
        }
    }
}
