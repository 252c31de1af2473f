//! Sending the mail of the outbox.

use std::{sync::Arc, time::Duration};

use fastauth_application::{
    bell::{Bell, RingingStore},
    budget::{Budget, MailRates},
    letters::{InvalidLinkTemplate, Letters, LinkTemplate},
    moments::Moments,
    outbox::MailRelay,
};
use fastauth_domain::{
    account::Account,
    change::Changes,
    delivery::State,
    email::EmailAddress,
    identifier::AccountId,
    language::Language,
    limit::Rate,
    mail::{Mail, Message},
    moment::Moment,
    one_time::{self, Issuer, Kind, Lifetimes, OneTimeKey},
    password::PasswordHash,
    server_key::ServerKey,
    token::Token,
};
use fastauth_memory::MemoryStore;
use fastauth_ports::{
    clock::Clock,
    commit::Commit,
    deliveries::ReadDeliveries,
    mail::{MockSendMail, SendMail, Sender},
    unavailable::Unavailable,
};
use fastauth_testkit::{
    clock::TurnableClock, letters::PlainLetters, mail::CaughtMail, randomness::Dice,
};
use secrecy::ExposeSecret;

const HOUR: Duration = Duration::from_hours(1);

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

struct World {
    store: MemoryStore,
    clock: Arc<TurnableClock>,
    transport: Arc<CaughtMail>,
    bell: Bell,
    dice: Dice,
}

impl World {
    fn new() -> Self {
        Self {
            store: MemoryStore::default(),
            clock: Arc::default(),
            transport: Arc::default(),
            bell: Bell::default(),
            dice: Dice::default(),
        }
    }

    fn moment(&self) -> Moment {
        Moment::new(self.clock.now(), self.dice.throw())
    }

    fn key() -> OneTimeKey {
        OneTimeKey::new(&ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap())
    }

    fn relay(&self) -> MailRelay {
        let link =
            |page| LinkTemplate::parse(&format!("https://x.org/{page}?t={{token}}")).unwrap();
        MailRelay {
            outbox: Arc::new(self.store.clone()),
            transport: Arc::clone(&self.transport) as Arc<dyn SendMail>,
            letters: Letters {
                key: Self::key(),
                writer: Arc::new(PlainLetters::new(Language::parse("en").unwrap(), [])),
                from: Sender {
                    address: EmailAddress::parse("no-reply@example.com").unwrap(),
                    name: None,
                },
                email_verification: link("verify"),
                password_reset: link("reset"),
                email_change: link("change"),
                email_revert: link("keep"),
            },
            deliveries: Arc::new(self.store.clone()),
            budget: Budget {
                limits: Arc::new(self.store.clone()),
                rates: MailRates {
                    to_strangers: Rate::new(2, HOUR),
                    notices_per_recipient: Rate::new(5, HOUR),
                    ..MailRates::default()
                },
            },
            moments: Moments {
                clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
                randomness: Arc::new(Dice::default()),
            },
            bell: self.bell.clone(),
        }
    }

    /// Somebody who has not proven their address.
    fn owner(&self) -> Account {
        let email = EmailAddress::parse("ada@example.com").unwrap();
        Account::open(email, None, PasswordHash::from_phc(String::new()), &mut self.moment())
    }

    /// Puts a mail into the outbox, as a use case does.
    async fn enqueue(&self, message: Message) {
        let store = RingingStore { store: Arc::new(self.store.clone()), bell: self.bell.clone() };
        let mail = Mail::new(&self.owner(), message, &mut self.moment());
        store.commit(&Changes::default().with(mail)).await.unwrap();
    }

    /// A message with a link that works for an hour, and the change that stores its token.
    fn reset(&self) -> (Message, one_time::Change) {
        let lifetimes = Lifetimes {
            email_verification: HOUR,
            password_reset: HOUR,
            email_change: HOUR,
            email_revert: HOUR,
        };
        let issuer = Issuer { key: Self::key(), lifetimes };
        let mut moment = self.moment();
        let account = AccountId::generate(&mut moment);
        let (token, link) = issuer.issue(Kind::PasswordReset, account, &mut moment);
        (Message::ResetPassword(link), token)
    }

    fn sent(&self) -> Vec<String> {
        let text = |mail: fastauth_ports::mail::OutgoingMail| mail.text.expose_secret().to_owned();
        self.transport.sent().into_iter().map(text).collect()
    }
}

#[tokio::test]
async fn a_mail_is_sent_once_and_leaves_the_outbox() {
    let world = World::new();
    world.enqueue(Message::PasswordChanged).await;
    assert_eq!(world.relay().deliver_due().await.unwrap(), 1);
    world.clock.advance(24 * HOUR);
    assert_eq!(world.relay().deliver_due().await.unwrap(), 0);
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn a_link_carries_the_token_whose_hash_was_stored() {
    let world = World::new();
    let (message, stored) = world.reset();
    world.enqueue(message).await;
    world.relay().deliver_due().await.unwrap();
    let text = world.sent().remove(0);
    let link = text.lines().find(|line| line.starts_with("https://x.org/reset?t=")).unwrap();
    let token = Token::presented(link.strip_prefix("https://x.org/reset?t=").unwrap());
    let one_time::Change::Issue(stored) = stored else { panic!("{stored:?}") };
    assert_eq!(one_time::hash_of(&token, Kind::PasswordReset), Some(stored.hash));
}

#[tokio::test]
async fn a_failed_mail_is_tried_again_later_and_later_with_the_same_token() {
    let world = World::new();
    world.enqueue(world.reset().0).await;
    world.transport.fail(3);
    let relay = world.relay();
    assert_eq!(relay.deliver_due().await.unwrap(), 1);
    for longest in [1, 2, 4].map(seconds) {
        // By chance it comes earlier, but not before half of the time has passed.
        world.clock.advance(longest.mul_f64(0.499));
        assert_eq!(relay.deliver_due().await.unwrap(), 0, "too early before {longest:?}");
        world.clock.advance(longest.mul_f64(0.501));
        assert_eq!(relay.deliver_due().await.unwrap(), 1, "too late after {longest:?}");
    }
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test]
async fn whoever_asks_to_be_left_alone_is_but_not_for_ever() {
    for (asked, too_early) in [(90, 89), (u64::MAX, 3_599)] {
        let world = World::new();
        world.enqueue(Message::PasswordChanged).await;
        let mut busy = MockSendMail::new();
        busy.expect_send()
            .times(2)
            .returning(move |_| Err(Unavailable::new("busy").retry_after(seconds(asked)).into()));
        let relay = MailRelay { transport: Arc::new(busy), ..world.relay() };
        assert_eq!(relay.deliver_due().await.unwrap(), 1);
        world.clock.advance(seconds(too_early));
        assert_eq!(relay.deliver_due().await.unwrap(), 0, "too early for {asked}");
        world.clock.advance(seconds(2));
        assert_eq!(relay.deliver_due().await.unwrap(), 1, "too late for {asked}");
    }
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_not_tried_again() {
    let world = World::new();
    world.enqueue(Message::PasswordChanged).await;
    world.transport.refuse(1);
    assert_eq!(world.relay().deliver_due().await.unwrap(), 1);
    world.clock.advance(HOUR);
    assert_eq!(world.relay().deliver_due().await.unwrap(), 0);
    assert!(world.sent().is_empty());
}

#[tokio::test]
async fn first_contacts_wait_for_their_turn_and_not_for_ever() {
    let world = World::new();
    for _ in 0..2 {
        world.enqueue(world.reset().0).await;
        world.relay().deliver_due().await.unwrap();
    }
    assert_eq!(world.sent().len(), 2);
    // There is room after half an hour, which is too late for one and in time for the other.
    world.enqueue(world.reset().0).await;
    world.relay().deliver_due().await.unwrap();
    let withheld = world.store.deliveries_in(State::Withheld, 10).await.unwrap();
    assert_eq!((withheld.len(), world.sent().len()), (1, 2));
    world.clock.advance(Duration::from_mins(20));
    world.enqueue(world.reset().0).await;
    world.relay().deliver_due().await.unwrap();
    assert_eq!(world.sent().len(), 2);
    world.clock.advance(Duration::from_mins(10));
    world.relay().deliver_due().await.unwrap();
    assert_eq!(world.sent().len(), 3);
}

#[tokio::test]
async fn notices_do_not_count_as_first_contacts_and_nobody_gets_too_many() {
    let world = World::new();
    for _ in 0..10 {
        world.enqueue(Message::SessionStolen).await;
    }
    world.relay().deliver_due().await.unwrap();
    assert_eq!(world.sent().len(), 5);
    let withheld = world.store.deliveries_in(State::Withheld, 10).await.unwrap();
    assert_eq!(withheld.len(), 0, "they may still have their turn");
}

#[tokio::test]
async fn a_relay_that_is_told_to_stop_finishes_what_is_due() {
    let world = World::new();
    for _ in 0..40 {
        world.enqueue(Message::PasswordChanged).await;
    }
    let limits = Arc::new(world.store.clone());
    let budget = Budget { limits, rates: MailRates::default() };
    let relay = MailRelay { budget, ..world.relay() };
    relay.run_until(std::future::ready(())).await;
    // One batch as it began, and one to finish; no mail is claimed and not sent.
    assert_eq!(world.sent().len(), 32);
    relay.deliver_due().await.unwrap();
    assert_eq!(world.sent().len(), 40);
}

#[tokio::test]
async fn a_mail_whose_link_has_expired_is_not_sent() {
    let world = World::new();
    world.enqueue(world.reset().0).await;
    world.clock.advance(HOUR);
    assert_eq!(world.relay().deliver_due().await.unwrap(), 1);
    assert_eq!(world.relay().deliver_due().await.unwrap(), 0);
    assert!(world.sent().is_empty());
}

#[tokio::test]
async fn a_mail_that_was_claimed_by_a_relay_that_died_is_sent_by_another() {
    let world = World::new();
    world.enqueue(Message::PasswordChanged).await;
    let claimed = world.relay().outbox.claim(world.clock.now(), HOUR, 16).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(world.relay().deliver_due().await.unwrap(), 0);
    world.clock.advance(HOUR);
    assert_eq!(world.relay().deliver_due().await.unwrap(), 1);
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_committed_mail_rings_the_relay_awake() {
    let world = World::new();
    let relay = world.relay();
    let started = tokio::time::Instant::now();
    let send_later = async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        world.enqueue(Message::PasswordChanged).await;
        while world.sent().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = relay.run() => unreachable!("a relay runs for ever"),
        () = send_later => {}
    }
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[tokio::test]
async fn nothing_in_the_outbox_is_a_token() {
    let world = World::new();
    let (message, _) = world.reset();
    let printed = format!("{message:?}");
    let link = message.link().unwrap();
    let token = World::key().token(Kind::PasswordReset, &link.nonce);
    assert!(!printed.contains(token.expose()) && printed.contains("REDACTED"));
}

#[test]
fn a_link_template_is_a_url_with_one_place_for_the_token() {
    assert!(LinkTemplate::parse("https://x.org/#/reset/{token}").is_ok());
    for bad in [
        "",
        "https://x.org/reset",
        "/reset?t={token}",
        "javascript:{token}",
        "https://x.org/{token}/{token}",
        "https://x.org/{token}\r\nBcc: b@example.com",
    ] {
        assert_eq!(LinkTemplate::parse(bad), Err(InvalidLinkTemplate), "{bad}");
    }
}
