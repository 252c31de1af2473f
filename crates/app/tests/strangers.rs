//! The server is no tool to flood strangers with mail.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{net::IpAddr, sync::Arc, time::Duration};

use fastauth::{
    FastAuth,
    application::register::NewUser,
    domain::{
        delivery::State,
        email::EmailAddress,
        visitor::{Origin, Visitor},
    },
};
use fastauth_testkit::{clock::TurnableClock, mail::CaughtMail, passwords::PlainHasher};

/// How many are registered who did not ask for it.
const STRANGERS: u32 = 2_000;
/// How long the attacker waits between them, so as not to be noticed.
const PAUSE: Duration = Duration::from_secs(3);

struct World {
    clock: Arc<TurnableClock>,
    mail: Arc<CaughtMail>,
    auth: FastAuth,
}

impl World {
    async fn new() -> Self {
        let (clock, mail) = (Arc::<TurnableClock>::default(), Arc::<CaughtMail>::default());
        let builder = FastAuth::builder()
            .database("memory://")
            // So that nothing but the mail is limited.
            .set("RATE_LIMIT_REGISTER", "off")
            .passwords(Arc::<PlainHasher>::default())
            .mailer(mail.clone())
            .clock(clock.clone());
        Self { clock, mail, auth: builder.build().await.unwrap() }
    }

    async fn register(&self, address: &str, client: IpAddr) {
        let user = NewUser {
            email: EmailAddress::parse(address).unwrap(),
            password: "securepassword123".into(),
            name: None,
        };
        let visitor = Visitor {
            origin: Origin { address: Some(client), ..Origin::default() },
            ..Visitor::default()
        };
        self.auth.use_cases().registrations.register(user, &visitor).await.unwrap();
        self.auth.mail_relay().deliver_due().await.unwrap();
        self.clock.advance(PAUSE);
    }

    /// Waits until nothing is left that may still be sent.
    async fn settle(&self) {
        for _ in 0..60 {
            self.clock.advance(Duration::from_mins(1));
            while self.auth.mail_relay().deliver_due().await.unwrap() > 0 {}
        }
    }
}

#[tokio::test]
async fn one_client_who_registers_strangers_slowly_has_few_of_them_written_to() {
    let world = World::new().await;
    for stranger in 0..STRANGERS {
        let address = format!("stranger{stranger}@domain{}.example", stranger % 50);
        // One network of IPv6 has more addresses than anybody could count.
        let client = format!("2001:db8::{stranger:x}").parse().unwrap();
        world.register(&address, client).await;
    }
    world.settle().await;
    let sent = world.mail.sent().len();
    assert!((20..=70).contains(&sent), "{sent} mails");
    let withheld = world.auth.deliveries().list(State::Withheld).await.unwrap();
    assert!(!withheld.is_empty());
    // Somebody else is not kept waiting by that.
    world.register("ada@example.com", "203.0.113.7".parse().unwrap()).await;
    assert!(world.mail.newest_to("ada@example.com").is_some());
}

#[tokio::test]
async fn many_clients_who_register_strangers_of_one_domain_are_slowed_down() {
    let world = World::new().await;
    for stranger in 0..STRANGERS {
        let [_, _, high, low] = stranger.to_be_bytes();
        let client = IpAddr::from([203, 0, high, low]);
        world.register(&format!("stranger{stranger}@victim.example"), client).await;
    }
    world.settle().await;
    let sent = world.mail.sent().len();
    // 300 at once, and 300 more in each of the two hours.
    assert!((300..=900).contains(&sent), "{sent} mails");
}
