//! Attempts to sign in at which something did not answer.

use std::{sync::Arc, time::Duration};

use fastauth_application::{
    guess::Guesses,
    login::{Credentials, LoginError, Logins},
    moments::Moments,
    tokens::TokenIssuer,
};
use fastauth_domain::{
    email::EmailAddress,
    gate::VerificationRule,
    guess::GuessLimits,
    limit::Rate,
    password::PresentedPassword,
    session::{Persistence, SessionLimits, SessionPolicy},
    visitor::{Origin, Visitor},
};
use fastauth_ports::{
    passwords::{MockHashPasswords, Turn},
    unavailable::Unavailable,
};
use fastauth_testkit::{access_tokens::OpaqueAccessTokens, clock::TurnableClock, randomness::Dice};

use crate::{overtaken::refresh_key, pending_requests::attending, watched::Watched};

/// Logins with a hasher that behaves as staged, of which one may be tried three times a minute.
fn logins(passwords: MockHashPasswords) -> Logins {
    let store = Arc::new(Watched::default());
    let clock = Arc::new(TurnableClock::default());
    let moments = Moments { clock: clock.clone(), randomness: Arc::new(Dice::default()) };
    let limits = SessionLimits { idle: Duration::from_hours(1), absolute: Duration::from_hours(2) };
    Logins {
        pending: Arc::new(attending(&store, moments.clone())),
        accounts: store.clone(),
        earlier: store.clone(),
        store: store.clone(),
        passwords: Arc::new(passwords),
        guesses: Guesses {
            limits: store.clone(),
            accounts: store.clone(),
            sessions: store.clone(),
            store,
            clock: clock.clone(),
            policy: GuessLimits { rate: Rate::new(3, Duration::from_mins(1)), most: None },
        },
        moments,
        tokens: TokenIssuer {
            access_tokens: Arc::new(OpaqueAccessTokens::default()),
            roles: None,
            refresh_key: refresh_key(),
            clock,
        },
        verification: VerificationRule::Optional,
        sessions: SessionPolicy {
            normal: limits,
            remembered: limits,
            reuse_interval: Duration::ZERO,
            most: None,
        },
    }
}

#[tokio::test]
async fn a_password_that_was_never_compared_was_no_attempt() {
    let mut passwords = MockHashPasswords::new();
    passwords.expect_turn().returning(|_| Ok(Turn::free()));
    passwords.expect_verify().times(30).returning(|_, _, _| Err(Unavailable::new("no room")));
    let logins = logins(passwords);
    let origin = Origin { address: "203.0.113.7".parse().ok(), ..Origin::default() };
    for _ in 0..30 {
        let credentials = Credentials {
            email: EmailAddress::parse("user@example.com").unwrap(),
            password: PresentedPassword::new(&"securepassword123".into()),
            persistence: Persistence::Normal,
        };
        let visitor = Visitor { language: None, origin: origin.clone() };
        let refused = logins.login(credentials, &visitor).await;
        assert!(matches!(refused, Err(LoginError::Unavailable(_))));
    }
}
