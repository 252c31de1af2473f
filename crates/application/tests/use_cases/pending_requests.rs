//! What strangers ask for: answered alike, and attended to once.

use std::{collections::HashSet, sync::Arc, time::Duration};

use fastauth_application::{
    bell::{Bell, RingingStore},
    breaches::Breaches,
    email_verification::EmailVerifications,
    limit::{LimitError, RequestLimit},
    moments::Moments,
    password_reset::PasswordResets,
    pending_requests::PendingRequests,
    register::{FirstRole, NewUser, RegisterError, Registrations, Welcome},
    tokens::TokenIssuer,
};
use fastauth_domain::{
    account::{self, Account},
    audit::EventKind,
    change::{Change, Changes, Conflict},
    email::EmailAddress,
    gate::VerificationRule,
    language::Language,
    limit::Rate,
    moment::Moment,
    one_time::{Issuer, Lifetimes, OneTimeKey},
    password::{PasswordHash, PasswordPolicy},
    pending_request::{self, PendingRequest, Wanted},
    register::RegistrationRules,
    server_key::ServerKey,
    session::{SessionLimits, SessionPolicy},
    visitor::{Origin, Visitor},
};
use fastauth_ports::{
    accounts::ReadAccounts,
    clock::Clock,
    commit::{Commit, CommitError, MockCommit},
    mail::ClaimMail,
    one_time::ReadOneTimeTokens,
    pending_requests::ReadPendingRequests,
};
use fastauth_testkit::{
    access_tokens::OpaqueAccessTokens, clock::TurnableClock, passwords::PlainHasher,
    randomness::Dice,
};

use futures_util::FutureExt;

use crate::{overtaken::refresh_key, watched::Watched};

const HOUR: Duration = Duration::from_hours(1);
const PASSWORD: &str = "a password of one's own";
const CLASSES: [&str; 5] = [
    "nobody@example.com",
    "ada@example.com",
    "disabled@example.com",
    "unverified@example.com",
    "without.password@example.com",
];

/// What strangers can ask for, and who attends to it, over one store.
struct World {
    store: Arc<Watched>,
    hasher: Arc<PlainHasher>,
    clock: Arc<TurnableClock>,
    dice: Arc<Dice>,
    bell: Bell,
    mailbox: Option<Rate>,
}

impl World {
    /// One in which there is somebody of each class but the first.
    async fn new() -> Self {
        let world = Self {
            store: Arc::default(),
            hasher: Arc::default(),
            clock: Arc::default(),
            dice: Arc::default(),
            bell: Bell::default(),
            mailbox: Rate::new(100, HOUR),
        };
        let now = Some(world.clock.now());
        world.has("ada@example.com", |_| {}).await;
        world.has("disabled@example.com", |account| account.disabled_at = now).await;
        world.has("unverified@example.com", |account| account.verified_at = None).await;
        world.has("without.password@example.com", |account| account.password = None).await;
        world
    }

    async fn has(&self, email: &str, change: impl FnOnce(&mut Account)) {
        let password = PasswordHash::from_phc("$plain$v=0,n=0$secret".to_owned());
        let mut moment = Moment::new(self.clock.now(), self.dice.throw());
        let mut account = Account::open(address(email), None, password, &mut moment);
        account.verified_at = Some(self.clock.now());
        change(&mut account);
        let changes = Changes::default().with(account::Change::Create(account));
        self.store.store.commit(&changes).await.unwrap();
    }

    fn moments(&self) -> Moments {
        Moments { clock: self.clock.clone(), randomness: self.dice.clone() }
    }

    fn limit(&self) -> RequestLimit {
        RequestLimit {
            limits: self.store.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            bell: self.bell.clone(),
            per_client: Rate::new(100, HOUR),
            per_mailbox: self.mailbox,
        }
    }

    fn registrations(&self) -> Registrations {
        Registrations {
            accounts: self.store.clone(),
            first_role: self.first_role(),
            store: self.store.clone(),
            passwords: self.hasher.clone(),
            limit: self.limit(),
            tokens: TokenIssuer {
                access_tokens: Arc::new(OpaqueAccessTokens::default()),
                roles: None,
                refresh_key: refresh_key(),
                clock: self.clock.clone(),
            },
            moments: self.moments(),
            password_policy: PasswordPolicy { min_length: 8, max_length: 128, product: None },
            breaches: Breaches::default(),
            rules: rules(),
        }
    }

    fn password_resets(&self) -> PasswordResets {
        PasswordResets {
            one_time_tokens: Arc::new(self.store.store.clone()),
            store: self.store.clone(),
            passwords: self.hasher.clone(),
            limit: self.limit(),
            moments: self.moments(),
            password_policy: PasswordPolicy { min_length: 8, max_length: 128, product: None },
            breaches: Breaches::default(),
        }
    }

    fn email_verifications(&self) -> EmailVerifications {
        EmailVerifications {
            one_time_tokens: Arc::new(self.store.store.clone()),
            store: self.store.clone(),
            limit: self.limit(),
            moments: self.moments(),
        }
    }

    fn first_role(&self) -> FirstRole {
        FirstRole { roles: Arc::new(self.store.store.clone()), name: None }
    }

    /// Whoever attends to requests, and stores what comes of them here.
    fn attending(&self, store: Arc<dyn Commit>) -> PendingRequests {
        let bell = self.bell.clone();
        PendingRequests { store, bell, ..attending(&self.store, self.moments()) }
    }

    async fn attend(&self) -> usize {
        self.attending(self.store.clone()).attend_all().await.unwrap()
    }

    async fn ask(&self, wanted: &str, email: &str) {
        let (email, visitor) = (address(email), visitor());
        match wanted {
            "reset" => self.password_resets().request(email, &visitor).await.unwrap(),
            "verification" => self.email_verifications().request(email, &visitor).await.unwrap(),
            _ => {
                let user = NewUser { email, password: PASSWORD.into(), name: None };
                let welcome = self.registrations().register(user, &visitor).await.unwrap();
                assert!(matches!(welcome, Welcome::CheckMail));
            }
        }
    }

    /// Somebody's wish for a link, to be kept.
    fn wish(&self) -> Changes {
        let mut moment = Moment::new(self.clock.now(), self.dice.throw());
        let email = address("ada@example.com");
        let request = PendingRequest::new(email, Wanted::PasswordReset, &mut moment);
        Changes::default().with(pending_request::Change::Keep(request))
    }

    /// What the outbox holds, as topics and recipients.
    async fn mails(&self) -> Vec<(&'static str, String)> {
        let claimed = self.store.store.claim(self.clock.now(), HOUR, 100).await.unwrap();
        let mails = claimed.into_iter().map(|claimed| claimed.mail);
        mails.map(|mail| (mail.message.topic(), mail.to.as_typed().to_owned())).collect()
    }
}

/// Whoever attends to requests in this store.
pub(crate) fn attending(store: &Arc<Watched>, moments: Moments) -> PendingRequests {
    PendingRequests {
        requests: store.clone(),
        accounts: store.clone(),
        first_role: FirstRole { roles: Arc::new(store.store.clone()), name: None },
        store: store.clone(),
        moments,
        rules: rules(),
        bell: Bell::default(),
    }
}

fn address(email: &str) -> EmailAddress {
    EmailAddress::parse(email).unwrap()
}

fn visitor() -> Visitor {
    let origin = Origin { address: "203.0.113.7".parse().ok(), ..Origin::default() };
    Visitor { language: Some(Language::parse("de").unwrap()), origin }
}

fn rules() -> RegistrationRules {
    let server = ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap();
    let lifetimes = Lifetimes {
        email_verification: HOUR,
        password_reset: HOUR,
        email_change: HOUR,
        email_revert: HOUR,
    };
    let limits = SessionLimits { idle: HOUR, absolute: 2 * HOUR };
    RegistrationRules {
        verification: VerificationRule::Required,
        sessions: SessionPolicy {
            normal: limits,
            remembered: limits,
            reuse_interval: Duration::ZERO,
            most: None,
        },
        one_time: Issuer { key: OneTimeKey::new(&server), lifetimes },
    }
}

#[tokio::test]
async fn what_strangers_ask_for_costs_the_same_whoever_has_the_address() {
    let world = World::new().await;
    for (wanted, hashes) in [("reset", 0), ("verification", 0), ("registration", 1)] {
        let mut costs = Vec::new();
        for email in CLASSES {
            let before = world.hasher.hashes();
            world.store.take();
            world.ask(wanted, email).await;
            costs.push((world.store.take(), world.hasher.hashes() - before));
        }
        let (asked, made) = &costs[0];
        assert_eq!(asked.last().unwrap(), "commit of pending request", "{wanted}: {asked:?}");
        assert_eq!(*made, hashes, "{wanted}");
        assert!(costs.iter().all(|cost| *cost == costs[0]), "{wanted}: {costs:?}");
    }
}

#[tokio::test]
async fn only_those_get_a_link_who_are_to() {
    for (wanted, expected) in [
        (
            "reset",
            [
                ("reset_password", "ada@example.com"),
                ("reset_password", "unverified@example.com"),
                ("reset_password", "without.password@example.com"),
            ]
            .as_slice(),
        ),
        ("verification", &[("verify_email", "unverified@example.com")]),
        (
            "registration",
            &[
                ("verify_email", "nobody@example.com"),
                ("already_registered", "ada@example.com"),
                ("already_registered", "unverified@example.com"),
                ("already_registered", "without.password@example.com"),
            ],
        ),
    ] {
        let world = World::new().await;
        for email in CLASSES {
            world.ask(wanted, email).await;
        }
        assert_eq!(world.mails().await, [], "nothing before it is attended to");
        assert_eq!(world.attend().await, CLASSES.len());
        let mut mails = world.mails().await;
        let position = |email: &str| CLASSES.iter().position(|it| *it == email);
        mails.sort_by_key(|(_, email)| position(email));
        let mails: Vec<_> = mails.iter().map(|(topic, email)| (*topic, email.as_str())).collect();
        assert_eq!(mails, expected, "{wanted}");
        assert_eq!(world.attend().await, 0, "each is settled");
    }
}

#[tokio::test]
async fn what_is_attended_to_later_is_done_for_whoever_asked() {
    let world = World::new().await;
    world.ask("registration", "eve@example.com").await;
    world.clock.advance(Duration::from_millis(1));
    world.ask("registration", "EVE@example.com").await;
    assert_eq!(world.attend().await, 2);
    let eve = world.store.store.with_email(address("eve@example.com").key()).await.unwrap();
    let eve = eve.unwrap();
    assert_eq!(eve.email.as_typed(), "eve@example.com", "whoever came first has the account");
    let events = world.store.store.audit_events();
    let of_eve: Vec<_> = events.iter().map(|event| (event.kind, event.account)).collect();
    assert_eq!(
        of_eve,
        [(EventKind::Registered, Some(eve.id)), (EventKind::RegistrationRepeated, Some(eve.id))]
    );
    assert!(events.iter().all(|event| event.origin == visitor().origin));
    let mails = world.store.store.claim(world.clock.now(), HOUR, 10).await.unwrap();
    let topics: HashSet<_> = mails.iter().map(|claimed| claimed.mail.message.topic()).collect();
    assert_eq!(topics, HashSet::from(["verify_email", "already_registered"]));
    assert!(mails.iter().all(|claimed| claimed.mail.language == visitor().language));
}

#[tokio::test]
async fn wherever_a_batch_begins_whoever_registered_first_has_the_account_and_gets_the_next_link() {
    for throws in 0..3 {
        let world = World::new().await;
        for _ in 0..throws {
            world.dice.throw();
        }
        for (wanted, email) in [
            ("registration", "eve@example.com"),
            ("registration", "EVE@example.com"),
            ("reset", "eve@example.com"),
        ] {
            world.ask(wanted, email).await;
            world.clock.advance(Duration::from_millis(1));
        }
        assert_eq!(world.attend().await, 3);
        let eve = world.store.store.with_email(address("eve@example.com").key()).await.unwrap();
        assert_eq!(eve.unwrap().email.as_typed(), "eve@example.com");
        let mut topics: Vec<_> = world.mails().await.into_iter().map(|(topic, _)| topic).collect();
        topics.sort_unstable();
        assert_eq!(topics, ["already_registered", "reset_password", "verify_email"]);
    }
}

#[tokio::test]
async fn of_many_who_attend_at_once_one_does() {
    let world = Arc::new(World::new().await);
    for _ in 0..20 {
        world.ask("reset", "ada@example.com").await;
    }
    let (one, other, third) = tokio::join!(world.attend(), world.attend(), world.attend());
    assert_eq!(one + other + third, 20);
    assert_eq!(world.mails().await.len(), 20);
}

#[tokio::test]
async fn however_many_requests_fail_they_stay_and_keep_no_other_waiting() {
    let world = World::new().await;
    for _ in 0..90 {
        world.ask("reset", "ada@example.com").await;
    }
    world.clock.advance(Duration::from_millis(1));
    world.ask("reset", "unverified@example.com").await;
    let failing: HashSet<_> =
        world.store.store.pending(None, 90).await.unwrap().iter().map(|it| it.id).collect();
    let (mut picky, within) = (MockCommit::new(), world.store.store.clone());
    picky.expect_commit().returning(move |changes| {
        let fails = |change: &Change| match change {
            Change::PendingRequest(pending_request::Change::Settle(id)) => failing.contains(id),
            _ => false,
        };
        if changes.iter().any(fails) {
            return Err(CommitError::Conflict(Conflict::AccountMoved));
        }
        within.commit(changes).now_or_never().unwrap()
    });
    let attending = world.attending(Arc::new(picky));
    attending.attend_all().await.unwrap_err();
    assert_eq!(world.mails().await, [("reset_password", "unverified@example.com".to_owned())]);
    assert_eq!(world.attend().await, 90, "what failed is done in the end");
}

#[tokio::test]
async fn while_many_wait_for_long_no_more_are_taken_and_that_costs_nothing() {
    let world = World::new().await;
    let visitor = visitor();
    let mut stuck = MockCommit::new();
    let moved = || Err(CommitError::Conflict(Conflict::AccountMoved));
    stuck.expect_commit().returning(move |_| moved());
    let stuck = world.attending(Arc::new(stuck));

    world.ask("reset", "ada@example.com").await;
    world.clock.advance(Duration::from_mins(2));
    stuck.attend_all().await.unwrap_err();
    // One that was left behind keeps nobody out.
    for _ in 0..31 {
        world.ask("reset", "ada@example.com").await;
    }
    stuck.attend_all().await.unwrap_err();

    world.store.take();
    let hashes = world.hasher.hashes();
    let asked = world.password_resets().request(address("ada@example.com"), &visitor).await;
    let Err(LimitError::Unavailable(asked)) = asked else { panic!("{asked:?}") };
    let user = NewUser { email: address("eve@example.com"), password: PASSWORD.into(), name: None };
    let registered = world.registrations().register(user, &visitor).await;
    let Err(RegisterError::Unavailable(registered)) = registered else { panic!() };
    for busy in [asked, registered] {
        assert!(busy.is_busy() && busy.retry_in() == Duration::from_mins(1));
    }
    assert_eq!((world.store.take(), world.hasher.hashes()), (Vec::new(), hashes));

    assert_eq!(world.attend().await, 32);
    world.ask("registration", "eve@example.com").await;
}

#[tokio::test]
async fn registering_taken_addresses_floods_no_mailbox_and_breaks_no_link() {
    let world = World { mailbox: Rate::new(3, HOUR), ..World::new().await };
    let ada = world.store.store.with_email(address("ada@example.com").key()).await.unwrap();
    let ada = ada.unwrap().id;
    let mut links = Vec::new();
    for _ in 0..10 {
        world.ask("registration", "ada@example.com").await;
        world.attend().await;
        links.push(world.store.store.unspent(ada).await.unwrap());
    }
    assert_eq!(world.mails().await.len(), 3);
    assert_ne!(links[1], links[2]);
    assert!(links[2..].iter().all(|link| *link == links[2]), "the last one works on");
}

#[tokio::test]
async fn what_is_there_when_it_is_to_stop_is_attended_to() {
    let world = World::new().await;
    let attending = world.attending(world.store.clone());
    let asked = async {
        tokio::task::yield_now().await;
        world.ask("reset", "ada@example.com").await;
    };
    attending.run_until(asked).await;
    assert_eq!(world.mails().await, [("reset_password", "ada@example.com".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn what_this_instance_keeps_is_attended_to_in_a_moment_and_what_others_keep_soon() {
    let world = World::new().await;
    let ringing = RingingStore { store: world.store.clone(), bell: world.bell.clone() };
    let attending = world.attending(world.store.clone());
    let started = tokio::time::Instant::now();
    let until_attended = async {
        while !world.store.store.pending(None, 1).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        started.elapsed()
    };
    let asking = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        ringing.commit(&world.wish()).await.unwrap();
        let ours = until_attended.await;
        assert!(ours < Duration::from_millis(550), "{ours:?}");
        world.store.commit(&world.wish()).await.unwrap();
        while !world.store.store.pending(None, 1).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(started.elapsed() < Duration::from_secs(11), "{:?}", started.elapsed());
    };
    tokio::select! {
        () = attending.run_until(std::future::pending()) => {}
        () = asking => {}
    }
}
