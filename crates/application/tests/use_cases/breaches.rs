//! Which passwords breaches are searched for, when, and what comes of it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use fastauth_application::{
    bell::Bell,
    breaches::Breaches,
    limit::RequestLimit,
    moments::Moments,
    provisioning::{ProvisionError, Provisioning},
    register::{FirstRole, NewUser, RegisterError, Registrations},
    tokens::TokenIssuer,
};
use fastauth_domain::{
    breaches::{Finding, OutagePolicy},
    email::EmailAddress,
    gate::VerificationRule,
    limit::Rate,
    one_time::{Issuer, Lifetimes, OneTimeKey},
    password::{PasswordPolicy, UnacceptablePassword},
    provisioning::{FirstPassword, Provision},
    register::RegistrationRules,
    server_key::ServerKey,
    session::{SessionLimits, SessionPolicy},
    visitor::{Origin, Visitor},
};
use fastauth_memory::MemoryStore;
use fastauth_ports::{
    breaches::MockSearchBreaches,
    passwords::{HashPasswords, MockHashPasswords},
    unavailable::Unavailable,
};
use fastauth_testkit::{
    access_tokens::OpaqueAccessTokens, clock::TurnableClock, passwords::PlainHasher,
    randomness::Dice,
};

use crate::overtaken::refresh_key;

const GOOD: &str = "securepassword123";
const BREACHED: &str = "found in a breach";
const POLICY: PasswordPolicy = PasswordPolicy { min_length: 8, max_length: 128, product: None };

/// What was searched for, in order.
#[derive(Clone, Default)]
struct Searches(Arc<Mutex<Vec<String>>>);

impl Searches {
    /// Breaches with one password in them.
    fn breaches(&self) -> Breaches {
        let (searches, mut breaches) = (self.clone(), MockSearchBreaches::new());
        breaches.expect_search().returning(move |password| {
            let text = String::from_utf8(password.expose().to_vec()).unwrap();
            let is_known = text == BREACHED;
            searches.0.lock().unwrap().push(text);
            Ok(if is_known { Finding::Breached } else { Finding::Clean })
        });
        Breaches::searched(Arc::new(breaches), OutagePolicy::Refuse)
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Breaches that nobody can search.
fn out(outage: OutagePolicy) -> Breaches {
    let mut breaches = MockSearchBreaches::new();
    breaches.expect_search().returning(|_| {
        Err(Unavailable::new("the service is out").retry_after(Duration::from_secs(7)))
    });
    Breaches::searched(Arc::new(breaches), outage)
}

fn issuer() -> Issuer {
    let hour = Duration::from_hours(1);
    let lifetimes = Lifetimes {
        email_verification: hour,
        password_reset: hour,
        email_change: hour,
        email_revert: hour,
    };
    let server = ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap();
    Issuer { key: OneTimeKey::new(&server), lifetimes }
}

fn moments() -> Moments {
    Moments { clock: Arc::new(TurnableClock::default()), randomness: Arc::new(Dice::default()) }
}

/// Registrations of which a client may make three a minute.
fn registrations(breaches: Breaches) -> Registrations {
    registrations_with(breaches, Arc::new(PlainHasher::default()))
}

fn registrations_with(breaches: Breaches, passwords: Arc<dyn HashPasswords>) -> Registrations {
    let store = Arc::new(MemoryStore::default());
    let moments = moments();
    let limits = SessionLimits { idle: Duration::from_hours(1), absolute: Duration::from_hours(2) };
    let sessions = SessionPolicy {
        normal: limits,
        remembered: limits,
        reuse_interval: Duration::ZERO,
        most: None,
    };
    Registrations {
        accounts: store.clone(),
        first_role: FirstRole { roles: store.clone(), name: None },
        store: store.clone(),
        passwords,
        limit: RequestLimit {
            limits: store.clone(),
            store,
            clock: moments.clock.clone(),
            bell: Bell::default(),
            per_client: Rate::new(3, Duration::from_mins(1)),
            per_mailbox: None,
        },
        tokens: TokenIssuer {
            access_tokens: Arc::new(OpaqueAccessTokens::default()),
            roles: None,
            refresh_key: refresh_key(),
            clock: moments.clock.clone(),
        },
        moments,
        password_policy: POLICY,
        breaches,
        rules: RegistrationRules {
            verification: VerificationRule::Required,
            sessions,
            one_time: issuer(),
        },
    }
}

async fn register(
    registrations: &Registrations,
    email: &str,
    password: &str,
) -> Result<(), RegisterError> {
    let email = EmailAddress::parse(email).unwrap();
    let user = NewUser { email, password: password.into(), name: None };
    let origin = Origin { address: "203.0.113.7".parse().ok(), ..Origin::default() };
    registrations.register(user, &Visitor { language: None, origin }).await.map(drop)
}

#[tokio::test]
async fn a_password_is_searched_for_only_if_every_other_rule_and_limit_lets_it_pass() {
    let searches = Searches::default();
    let registrations = registrations(searches.breaches());
    for refused in ["short", "12345678", "ada.lovelace"] {
        let error = register(&registrations, "ada.lovelace@example.com", refused).await;
        assert!(matches!(error, Err(RegisterError::UnacceptablePassword(_))), "{refused}");
    }
    assert!(searches.take().is_empty());
    for _ in 0..3 {
        register(&registrations, "ada.lovelace@example.com", GOOD).await.unwrap();
    }
    assert_eq!(searches.take(), [GOOD; 3]);
    let error = register(&registrations, "ada.lovelace@example.com", GOOD).await;
    assert!(matches!(error, Err(RegisterError::TooManyAttempts(_))));
    assert!(searches.take().is_empty());
}

#[tokio::test]
async fn a_taken_address_and_a_free_one_have_the_same_searched_for() {
    let searches = Searches::default();
    let registrations = registrations(searches.breaches());
    for _ in ["free", "taken"] {
        register(&registrations, "user@example.com", GOOD).await.unwrap();
        assert_eq!(searches.take(), [GOOD]);
    }
}

#[tokio::test]
async fn a_password_of_a_breach_is_refused_whether_the_address_is_taken_or_not() {
    let searches = Searches::default();
    let registrations = registrations(searches.breaches());
    register(&registrations, "taken@example.com", GOOD).await.unwrap();
    for email in ["taken@example.com", "free@example.com"] {
        let error = register(&registrations, email, BREACHED).await;
        assert!(matches!(
            error,
            Err(RegisterError::UnacceptablePassword(UnacceptablePassword::Breached))
        ));
    }
    assert_eq!(searches.take(), [GOOD, BREACHED, BREACHED]);
}

#[tokio::test]
async fn during_an_outage_passwords_are_accepted_or_refused_as_was_decided_before() {
    let accepting = registrations(out(OutagePolicy::Accept));
    register(&accepting, "user@example.com", GOOD).await.unwrap();
    let refusing = registrations(out(OutagePolicy::Refuse));
    let error = register(&refusing, "user@example.com", GOOD).await;
    let Err(RegisterError::Unavailable(why)) = error else { panic!("{error:?}") };
    assert_eq!(why.retry_in(), Duration::from_secs(7));
}

#[tokio::test]
async fn a_registration_to_which_something_did_not_answer_was_none() {
    let mut busy = MockHashPasswords::new();
    busy.expect_has_room().returning(|_| Ok(()));
    busy.expect_turn().returning(|_| Err(Unavailable::new("no turn")));
    for registrations in [
        registrations(out(OutagePolicy::Refuse)),
        registrations_with(Breaches::default(), Arc::new(busy)),
    ] {
        for _ in 0..10 {
            let error = register(&registrations, "user@example.com", GOOD).await;
            assert!(matches!(error, Err(RegisterError::Unavailable(_))), "{error:?}");
        }
    }
}

#[tokio::test]
async fn while_no_more_can_be_hashed_nobody_is_asked_and_nothing_is_counted() {
    let nobody_asked = MockSearchBreaches::new();
    let breaches = Breaches::searched(Arc::new(nobody_asked), OutagePolicy::Refuse);
    let mut full = MockHashPasswords::new();
    full.expect_has_room().times(10).returning(|_| Err(Unavailable::busy("full")));
    let registrations = registrations_with(breaches, Arc::new(full));
    for _ in 0..10 {
        let error = register(&registrations, "user@example.com", GOOD).await;
        let Err(RegisterError::Unavailable(why)) = error else { panic!("{error:?}") };
        assert!(why.is_busy());
    }
}

#[tokio::test]
async fn a_registration_that_was_refused_for_a_breach_was_one() {
    let registrations = registrations(Searches::default().breaches());
    for _ in 0..3 {
        let error = register(&registrations, "user@example.com", BREACHED).await;
        assert!(matches!(error, Err(RegisterError::UnacceptablePassword(_))));
    }
    let error = register(&registrations, "user@example.com", BREACHED).await;
    assert!(matches!(error, Err(RegisterError::TooManyAttempts(_))));
}

#[tokio::test]
async fn whoever_makes_an_account_for_somebody_has_its_password_searched_for() {
    let (searches, store) = (Searches::default(), Arc::new(MemoryStore::default()));
    let provisioning = Provisioning {
        accounts: store.clone(),
        store,
        passwords: Arc::new(PlainHasher::default()),
        moments: moments(),
        issuer: issuer(),
        password_policy: POLICY,
        breaches: searches.breaches(),
    };
    let provision = async |password| {
        let email = EmailAddress::parse("user@example.com").unwrap();
        let new = Provision { email, name: None, is_verified: true, role: None, password };
        provisioning.provision(new, &Visitor::default()).await.map(drop)
    };
    let refused = provision(FirstPassword::Chosen(BREACHED.into())).await;
    assert!(matches!(
        refused,
        Err(ProvisionError::UnacceptablePassword(UnacceptablePassword::Breached))
    ));
    assert_eq!(searches.take(), [BREACHED]);
    provision(FirstPassword::LeftToOwner).await.unwrap();
    assert!(searches.take().is_empty());
}
