//! The use cases, each given the ports that it touches and the policies that it follows.

use std::sync::Arc;

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
    language::Languages,
    limit::Rate,
    one_time::{Issuer, OneTimeKey},
    refresh_token::RefreshKey,
    register::RegistrationRules,
    server_key::ServerKey,
};
use fastauth_http::UseCases;
use fastauth_ports::{
    access_tokens::AccessTokens, accounts::ReadAccounts, audit::ReadAudit, commit::Commit,
    limits::LimitAttempts, one_time::ReadOneTimeTokens, passwords::HashPasswords,
    pending_requests::ReadPendingRequests, roles::ReadRoles, sessions::ReadSessions,
};

use crate::settings::Configuration;

/// The ports that use cases touch.
pub(crate) struct Core {
    pub(crate) accounts: Arc<dyn ReadAccounts>,
    pub(crate) roles: Arc<dyn ReadRoles>,
    pub(crate) sessions: Arc<dyn ReadSessions>,
    /// The same, to recognise callers.
    pub(crate) callers: Arc<dyn ReadSessions>,
    pub(crate) one_time_tokens: Arc<dyn ReadOneTimeTokens>,
    pub(crate) pending_requests: Arc<dyn ReadPendingRequests>,
    pub(crate) audit: Arc<dyn ReadAudit>,
    pub(crate) store: Arc<dyn Commit>,
    pub(crate) passwords: Arc<dyn HashPasswords>,
    pub(crate) breaches: Breaches,
    pub(crate) access_tokens: Arc<dyn AccessTokens>,
    pub(crate) deliveries: Arc<Deliveries>,
    pub(crate) limits: Arc<dyn LimitAttempts>,
    pub(crate) bell: Bell,
    pub(crate) moments: Moments,
}

impl Core {
    /// Every use case there is.
    pub(crate) fn use_cases(
        &self,
        configuration: &Configuration,
        key: &ServerKey,
        languages: Languages,
        pending: Arc<PendingRequests>,
    ) -> UseCases {
        let tokens = TokenIssuer {
            access_tokens: Arc::clone(&self.access_tokens),
            roles: configuration.access_token_roles.then(|| Arc::clone(&self.roles)),
            refresh_key: RefreshKey::new(key),
            clock: Arc::clone(&self.moments.clock),
        };
        let issuer = issuer(configuration, key);
        UseCases {
            registrations: Arc::new(self.registrations(configuration, &tokens, &issuer)),
            logins: Arc::new(self.logins(configuration, &tokens, pending)),
            sessions: Arc::new(self.sessions(configuration, tokens)),
            accounts: Arc::new(self.accounts(configuration)),
            password_resets: Arc::new(self.password_resets(configuration)),
            profiles: Arc::new(self.profiles()),
            password_changes: Arc::new(PasswordChanges {
                proofs: self.proofs(configuration),
                password_policy: configuration.passwords(),
                breaches: self.breaches.clone(),
            }),
            email_changes: Arc::new(self.email_changes(configuration, &issuer)),
            deletions: Arc::new(Deletions {
                proofs: self.proofs(configuration),
                roles: Arc::clone(&self.roles),
            }),
            exports: Arc::new(self.exports()),
            revocations: Arc::new(self.revocations()),
            audit: Arc::new(AuditTrail { events: Arc::clone(&self.audit) }),
            email_verifications: Arc::new(self.email_verifications(configuration)),
            roles: Arc::new(self.roles()),
            languages: Arc::new(languages),
            deliveries: Arc::clone(&self.deliveries),
            notices: Vec::new(),
            trusted_proxies: configuration.trusted_proxies.clone().unwrap_or_default(),
        }
    }

    fn registrations(
        &self,
        configuration: &Configuration,
        tokens: &TokenIssuer,
        issuer: &Issuer,
    ) -> Registrations {
        Registrations {
            accounts: Arc::clone(&self.accounts),
            first_role: self.first_role(configuration),
            store: Arc::clone(&self.store),
            passwords: Arc::clone(&self.passwords),
            limit: self.limit(configuration.limit_register, configuration.links_per_recipient),
            moments: self.moments.clone(),
            tokens: tokens.clone(),
            password_policy: configuration.passwords(),
            breaches: self.breaches.clone(),
            rules: registration_rules(configuration, issuer),
        }
    }

    /// What attends to what strangers ask for.
    pub(crate) fn pending_requests(
        &self,
        configuration: &Configuration,
        key: &ServerKey,
    ) -> PendingRequests {
        PendingRequests {
            requests: Arc::clone(&self.pending_requests),
            accounts: Arc::clone(&self.accounts),
            first_role: self.first_role(configuration),
            store: Arc::clone(&self.store),
            moments: self.moments.clone(),
            rules: registration_rules(configuration, &issuer(configuration, key)),
            bell: self.bell.clone(),
        }
    }

    fn first_role(&self, configuration: &Configuration) -> FirstRole {
        FirstRole { roles: Arc::clone(&self.roles), name: configuration.default_role.clone() }
    }

    fn logins(
        &self,
        configuration: &Configuration,
        tokens: &TokenIssuer,
        pending: Arc<PendingRequests>,
    ) -> Logins {
        Logins {
            pending,
            accounts: Arc::clone(&self.accounts),
            earlier: Arc::clone(&self.sessions),
            store: Arc::clone(&self.store),
            passwords: Arc::clone(&self.passwords),
            guesses: self.guesses(configuration),
            moments: self.moments.clone(),
            tokens: tokens.clone(),
            verification: configuration.verification(),
            sessions: configuration.sessions(),
        }
    }

    fn guesses(&self, configuration: &Configuration) -> Guesses {
        Guesses {
            limits: Arc::clone(&self.limits),
            accounts: Arc::clone(&self.accounts),
            sessions: Arc::clone(&self.sessions),
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.moments.clock),
            policy: configuration.guess_limits(),
        }
    }

    fn limit(&self, per_client: Option<Rate>, per_mailbox: Option<Rate>) -> RequestLimit {
        RequestLimit {
            limits: Arc::clone(&self.limits),
            store: Arc::clone(&self.store),
            clock: Arc::clone(&self.moments.clock),
            bell: self.bell.clone(),
            per_client,
            per_mailbox,
        }
    }

    fn sessions(&self, configuration: &Configuration, tokens: TokenIssuer) -> Sessions {
        Sessions {
            sessions: Arc::clone(&self.sessions),
            store: Arc::clone(&self.store),
            moments: self.moments.clone(),
            refresh_key: tokens.refresh_key.clone(),
            tokens,
            verification: configuration.verification(),
            policy: configuration.sessions(),
        }
    }

    fn accounts(&self, configuration: &Configuration) -> Accounts {
        Accounts {
            access_tokens: Arc::clone(&self.access_tokens),
            sessions: Arc::clone(&self.callers),
            clock: Arc::clone(&self.moments.clock),
            verification: configuration.verification(),
        }
    }

    fn password_resets(&self, configuration: &Configuration) -> PasswordResets {
        PasswordResets {
            one_time_tokens: Arc::clone(&self.one_time_tokens),
            store: Arc::clone(&self.store),
            passwords: Arc::clone(&self.passwords),
            limit: self.limit(configuration.limit_reset, configuration.links_per_recipient),
            moments: self.moments.clone(),
            password_policy: configuration.passwords(),
            breaches: self.breaches.clone(),
        }
    }

    fn proofs(&self, configuration: &Configuration) -> PasswordProofs {
        PasswordProofs {
            accounts: Arc::clone(&self.accounts),
            store: Arc::clone(&self.store),
            passwords: Arc::clone(&self.passwords),
            guesses: self.guesses(configuration),
            moments: self.moments.clone(),
        }
    }

    fn profiles(&self) -> Profiles {
        Profiles {
            accounts: Arc::clone(&self.accounts),
            store: Arc::clone(&self.store),
            moments: self.moments.clone(),
        }
    }

    fn email_changes(&self, configuration: &Configuration, issuer: &Issuer) -> EmailChanges {
        EmailChanges {
            proofs: self.proofs(configuration),
            limit: self.limit(configuration.limit_register, None),
            one_time_tokens: Arc::clone(&self.one_time_tokens),
            issuer: issuer.clone(),
            verification: configuration.verification(),
        }
    }

    fn exports(&self) -> Exports {
        Exports {
            accounts: Arc::clone(&self.accounts),
            roles: Arc::clone(&self.roles),
            sessions: Arc::clone(&self.sessions),
            events: Arc::clone(&self.audit),
            deliveries: Arc::clone(&self.deliveries.reads),
            one_time_tokens: Arc::clone(&self.one_time_tokens),
            store: Arc::clone(&self.store),
            moments: self.moments.clone(),
        }
    }

    fn revocations(&self) -> Revocations {
        Revocations {
            sessions: Arc::clone(&self.sessions),
            store: Arc::clone(&self.store),
            moments: self.moments.clone(),
        }
    }

    fn email_verifications(&self, configuration: &Configuration) -> EmailVerifications {
        EmailVerifications {
            one_time_tokens: Arc::clone(&self.one_time_tokens),
            store: Arc::clone(&self.store),
            limit: self.limit(configuration.limit_resend, configuration.links_per_recipient),
            moments: self.moments.clone(),
        }
    }

    fn roles(&self) -> Roles {
        Roles {
            roles: Arc::clone(&self.roles),
            store: Arc::clone(&self.store),
            moments: self.moments.clone(),
        }
    }
}

fn issuer(configuration: &Configuration, key: &ServerKey) -> Issuer {
    Issuer { key: OneTimeKey::new(key), lifetimes: configuration.link_lifetimes() }
}

fn registration_rules(configuration: &Configuration, issuer: &Issuer) -> RegistrationRules {
    RegistrationRules {
        verification: configuration.verification(),
        sessions: configuration.sessions(),
        one_time: issuer.clone(),
    }
}
