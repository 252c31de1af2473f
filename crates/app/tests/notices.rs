//! The provider tells what became of mail, and whoever it did not reach gets no more.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use fastauth::{
    FastAuth,
    application::register::NewUser,
    domain::{
        delivery::{Cause, State},
        email::EmailAddress,
        visitor::Visitor,
    },
};
use fastauth_testkit::{clock::TurnableClock, mail::CaughtMail, passwords::PlainHasher};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use tower::ServiceExt;

const KEY: &[u8; 32] = b"a key that only the two of us ha";
const ADDRESS: &str = "ada@example.com";

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
            .set("EMAIL_NOTICES_SECRET", format!("whsec_{}", STANDARD.encode(KEY)))
            .passwords(Arc::<PlainHasher>::default())
            .mailer(mail.clone())
            .clock(clock.clone());
        Self { clock, mail, auth: builder.build().await.unwrap() }
    }

    async fn register(&self) {
        let email = EmailAddress::parse(ADDRESS).unwrap();
        let user = NewUser { email, password: "securepassword123".into(), name: None };
        let registrations = &self.auth.use_cases().registrations;
        registrations.register(user, &Visitor::default()).await.unwrap();
        self.auth.mail_relay().deliver_due().await.unwrap();
    }

    /// Posts a notice about the newest mail, signed with a key.
    async fn post(&self, kind: &str, key: &[u8]) -> StatusCode {
        use fastauth::ports::clock::Clock;
        let mail = self.mail.newest_to(ADDRESS).unwrap().id.to_string();
        let data = json!({ "mail": mail, "permanent": true, "reason": "550 no such user" });
        let body = json!({ "type": kind, "data": data }).to_string();
        let at = self.clock.now().unix_micros() / 1_000_000;
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(format!("msg_1.{at}.{body}").as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let request = Request::post("/mail/notices")
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", format!("v1,{signature}"))
            .body(Body::from(body))
            .unwrap();
        self.auth.server_router().oneshot(request).await.unwrap().status()
    }

    async fn newest_state(&self) -> State {
        let id = self.mail.newest_to(ADDRESS).unwrap().id;
        let email = EmailAddress::parse(ADDRESS).unwrap();
        let history = self.auth.deliveries().history(&email).await.unwrap();
        history.deliveries.iter().find(|it| it.mail == id).unwrap().state
    }
}

#[tokio::test]
async fn whoever_a_mail_did_not_reach_gets_no_more_until_that_is_lifted() {
    let world = World::new().await;
    world.register().await;
    assert_eq!(world.newest_state().await, State::HandedOver);
    assert_eq!(world.post("mail.delivered", KEY).await, StatusCode::NO_CONTENT);
    assert_eq!(world.newest_state().await, State::Delivered);
    for _ in 0..2 {
        assert_eq!(world.post("mail.bounced", KEY).await, StatusCode::NO_CONTENT);
    }
    assert_eq!(world.newest_state().await, State::Bounced);
    let email = EmailAddress::parse(ADDRESS).unwrap();
    let history = world.auth.deliveries().history(&email).await.unwrap();
    assert_eq!(history.suppression.unwrap().cause, Cause::HardBounce);

    let resets = &world.auth.use_cases().password_resets;
    for (is_lifted, mails) in [(false, 1), (true, 2)] {
        if is_lifted {
            world.auth.deliveries().lift(&email).await.unwrap();
        }
        resets.request(email.clone(), &Visitor::default()).await.unwrap();
        world.auth.mail_relay().deliver_due().await.unwrap();
        assert_eq!(world.mail.sent().len(), mails);
    }
}

#[tokio::test]
async fn nobody_else_can_tell_what_became_of_mail() {
    let world = World::new().await;
    world.register().await;
    let forged = world.post("mail.bounced", b"a key that somebody else has mad").await;
    assert_eq!(forged, StatusCode::FORBIDDEN);
    assert_eq!(world.newest_state().await, State::HandedOver);
}
