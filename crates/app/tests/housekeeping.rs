//! What people leave behind is removed in the end, and what they use is not.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{sync::Arc, time::Duration};

use fastauth::{
    Builder, FastAuth,
    application::{
        register::{NewUser, Welcome},
        tokens::Tokens,
    },
    domain::{email::EmailAddress, visitor::Visitor},
};
use fastauth_testkit::{clock::TurnableClock, mail::CaughtMail, passwords::PlainHasher};
use tokio::time::sleep;

const DAY: Duration = Duration::from_hours(24);

struct World {
    clock: Arc<TurnableClock>,
    auth: FastAuth,
}

impl World {
    async fn new(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = Arc::<TurnableClock>::default();
        let builder = FastAuth::builder()
            .passwords(Arc::<PlainHasher>::default())
            .mailer(Arc::<CaughtMail>::default())
            .clock(clock.clone());
        Self { clock, auth: configure(builder).build().await.unwrap() }
    }

    async fn register(&self, address: &str) -> Tokens {
        let email = EmailAddress::parse(address).unwrap();
        let user = NewUser { email, password: "securepassword123".into(), name: None };
        let welcome =
            self.auth.use_cases().registrations.register(user, &Visitor::default()).await.unwrap();
        let Welcome::SignedIn(tokens) = welcome else { unreachable!("nobody is to verify") };
        tokens
    }

    /// Somebody registers, asks for a new password, and signs out: a session, two tokens, three events
    /// and a count of the links that were asked for.
    async fn pass_through(&self, address: &str) {
        let tokens = self.register(address).await;
        let email = EmailAddress::parse(address).unwrap();
        self.auth.use_cases().password_resets.request(email, &Visitor::default()).await.unwrap();
        self.auth.mail_relay().requests.attend_all().await.unwrap();
        self.auth
            .use_cases()
            .sessions
            .logout(&tokens.refresh_token, &Visitor::default())
            .await
            .unwrap();
    }

    /// Says how much was removed.
    async fn keep_house(&self) -> u64 {
        self.auth.housekeeping().run_once().await.unwrap()
    }

    async fn keep_house_after(&self, days: u32) -> u64 {
        self.clock.set(TurnableClock::START.plus(days * DAY));
        self.keep_house().await
    }
}

async fn what_is_left_is_removed_in_time_and_what_is_used_stays(database: &str) {
    let world = World::new(|builder| builder.database(database)).await;
    world.pass_through("ada@example.com").await;
    assert_eq!(world.keep_house().await, 0);
    // The link that lasted longest did so for a day, and is kept for a week. Counts go sooner.
    assert_eq!(world.keep_house_after(8).await, 3);
    assert_eq!(world.keep_house_after(29).await, 0);
    assert_eq!(world.keep_house_after(30).await, 1);
    assert_eq!(world.keep_house_after(399).await, 0);
    world.clock.advance(DAY);
    let tokens = world.register("bob@example.com").await;
    assert_eq!(world.keep_house().await, 3);
    assert_eq!(world.keep_house().await, 0);
    world.auth.accounts().identify(&tokens.access_token).await.unwrap();
    world
        .auth
        .use_cases()
        .sessions
        .refresh(&tokens.refresh_token, &Visitor::default())
        .await
        .unwrap();
    world.auth.close().await;
}

#[tokio::test]
async fn in_a_database_what_is_left_is_removed_in_time_and_what_is_used_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fastauth.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    what_is_left_is_removed_in_time_and_what_is_used_stays(&url).await;
}

#[tokio::test]
async fn in_memory_what_is_left_is_removed_in_time_and_what_is_used_stays() {
    what_is_left_is_removed_in_time_and_what_is_used_stays("memory://").await;
}

#[tokio::test(start_paused = true)]
async fn where_housekeeping_is_on_it_runs_and_where_it_is_off_it_does_not() {
    for (setting, left) in [("on", 0), ("off", 7)] {
        let configure =
            |builder: Builder| builder.database("memory://").set("HOUSEKEEPING", setting);
        let world = World::new(configure).await;
        world.pass_through("ada@example.com").await;
        world.clock.advance(400 * DAY);
        tokio::select! {
            () = world.auth.run_housekeeping() => unreachable!("it runs until it is dropped"),
            () = sleep(Duration::from_mins(1)) => {}
        }
        assert_eq!(world.keep_house().await, left, "{setting}");
    }
}
