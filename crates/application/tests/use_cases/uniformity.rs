//! What a failed sign-in costs, whatever its reason: the same questions to the store, the same hashes and
//! the same rows, or its reason could be told by the time it takes.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use fastauth_application::{
    guess::Guesses,
    login::{Credentials, LoginError, Logins},
    moments::Moments,
    tokens::TokenIssuer,
};
use fastauth_domain::{
    account::{self, Account},
    change::Changes,
    email::EmailAddress,
    gate::VerificationRule,
    guess::GuessLimits,
    limit::Rate,
    moment::Moment,
    password::{PasswordHash, PresentedPassword},
    session::{Persistence, SessionLimits, SessionPolicy},
    visitor::{Origin, Visitor},
};
use fastauth_ports::{clock::Clock, commit::Commit};
use fastauth_testkit::{
    access_tokens::OpaqueAccessTokens, clock::TurnableClock, passwords::PlainHasher,
    randomness::Dice,
};

use crate::{overtaken::refresh_key, pending_requests::attending, watched::Watched};

const RIGHT: &str = "securepassword123";
const WRONG: &str = "wrong password";
/// How many wrong passwords in a row an account takes.
const MOST: u32 = 3;

/// Logins to a store, and how to see what each costs.
struct World {
    store: Arc<Watched>,
    hasher: Arc<PlainHasher>,
    clock: Arc<TurnableClock>,
    logins: Logins,
}

impl World {
    fn new() -> Self {
        let store = Arc::new(Watched::default());
        let (clock, hasher) =
            (Arc::new(TurnableClock::default()), Arc::new(PlainHasher::default()));
        let limits =
            SessionLimits { idle: Duration::from_hours(1), absolute: Duration::from_hours(2) };
        let policy = GuessLimits {
            rate: Rate::new(50, Duration::from_mins(1)),
            most: NonZeroU32::new(MOST),
        };
        let moments = Moments { clock: clock.clone(), randomness: Arc::new(Dice::default()) };
        let logins = Logins {
            pending: Arc::new(attending(&store, moments.clone())),
            accounts: store.clone(),
            earlier: store.clone(),
            store: store.clone(),
            passwords: hasher.clone(),
            guesses: Guesses {
                limits: store.clone(),
                accounts: store.clone(),
                sessions: store.clone(),
                store: store.clone(),
                clock: clock.clone(),
                policy,
            },
            moments,
            tokens: TokenIssuer {
                access_tokens: Arc::new(OpaqueAccessTokens::default()),
                roles: None,
                refresh_key: refresh_key(),
                clock: clock.clone(),
            },
            verification: VerificationRule::Required,
            sessions: SessionPolicy {
                normal: limits,
                remembered: limits,
                reuse_interval: Duration::ZERO,
                most: None,
            },
        };
        Self { store, hasher, clock, logins }
    }

    /// Stores an account, changed in one way or other.
    async fn has(&self, email: &str, change: impl FnOnce(&mut Account)) {
        let mut moment = Moment::new(self.clock.now(), [email.len().try_into().unwrap(); 32]);
        let password = PasswordHash::from_phc(format!("$plain$v=0,n=0${RIGHT}"));
        let mut account = Account::open(address(email), None, password, &mut moment);
        account.verified_at = Some(self.clock.now());
        change(&mut account);
        let changes = Changes::default().with(account::Change::Create(account));
        self.store.store.commit(&changes).await.unwrap();
    }

    /// What a refused attempt costs.
    async fn cost(&self, email: &str, password: &str) -> (Vec<String>, u32, u32, usize) {
        let hashes = || (self.hasher.comparisons(), self.hasher.hashes());
        let events = || self.store.store.audit_events().len();
        let (comparisons, made) = hashes();
        let before = events();
        self.store.take();
        let credentials = Credentials {
            email: address(email),
            password: PresentedPassword::new(&password.into()),
            persistence: Persistence::Normal,
        };
        let origin = Origin { address: "203.0.113.7".parse().ok(), ..Origin::default() };
        let refused = self.logins.login(credentials, &Visitor { language: None, origin }).await;
        assert!(matches!(refused, Err(LoginError::InvalidCredentials(_))), "{email}: {refused:?}");
        let asked = self.store.take();
        (asked, hashes().0 - comparisons, hashes().1 - made, events() - before)
    }
}

fn address(email: &str) -> EmailAddress {
    EmailAddress::parse(email).unwrap()
}

#[tokio::test]
async fn every_refused_sign_in_costs_the_same() {
    let world = World::new();
    let now = Some(world.clock.now());
    world.has("ada@example.com", |_| {}).await;
    world.has("disabled@example.com", |account| account.disabled_at = now).await;
    world.has("unverified@example.com", |account| account.verified_at = None).await;
    world.has("without.password@example.com", |account| account.password = None).await;
    // The right password costs a second hash where it opens something.
    world.hasher.change_parameters();
    let expected = world.cost("nobody@example.com", WRONG).await;
    let (asked, comparisons, made, events) = &expected;
    assert_eq!((*comparisons, *made, *events), (1, 0, 1), "{asked:?}");
    for (email, password) in [
        ("ada@example.com", WRONG),
        ("disabled@example.com", RIGHT),
        ("disabled@example.com", WRONG),
        ("unverified@example.com", WRONG),
        ("without.password@example.com", WRONG),
    ] {
        assert_eq!(world.cost(email, password).await, expected, "{email} {password}");
    }
}

#[tokio::test]
async fn an_account_that_takes_no_password_any_more_costs_what_an_address_does_that_nobody_has() {
    let world = World::new();
    world.has("ada@example.com", |_| {}).await;
    world.hasher.change_parameters();
    let emails = ["ada@example.com", "nobody@example.com"];
    for nth in 0..=MOST {
        let [ada, nobody] = emails.map(|email| world.cost(email, WRONG));
        assert_eq!(ada.await, nobody.await, "attempt {nth}");
    }
    assert_eq!(
        world.cost("ada@example.com", RIGHT).await,
        world.cost("nobody@example.com", RIGHT).await
    );
}
