//! Whatever is sent: nothing breaks, what is refused is a problem with a code, and no password comes back.

mod requests;

use std::{num::NonZeroU32, sync::LazyLock, time::Duration};

use axum::http::{Method, header};
use fastauth_domain::{guess::GuessLimits, limit::Rate};
use proptest::{collection::vec, prelude::*, test_runner::RngSeed};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use self::requests::{Sent, requests};
use crate::{
    parts::Limits,
    roles::Person,
    world::{Answer, EMAIL, PASSWORD, World},
};

/// In every password that is sent, but for the right one.
const SECRET: &str = "swordfish";

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().unwrap());

/// What means something in a furnished world, which is the same in each.
static KNOWN: LazyLock<Known> = LazyLock::new(|| RUNTIME.block_on(furnished()).1);

#[derive(Debug, PartialEq)]
struct Known {
    /// The access token of an administrator.
    admin: String,
    /// Of the administrator, and of a session.
    ids: Vec<String>,
    /// Those that are sent in bodies.
    tokens: Vec<String>,
}

/// A world with two people, where limits are counted and proxies believed.
async fn furnished() -> (World, Known) {
    let rate = Rate::new(1_000, Duration::from_mins(1));
    let guesses = GuessLimits { rate, most: NonZeroU32::new(100) };
    let limits = Limits { register: rate, resend: rate, reset: rate, links: rate, guesses };
    let world = World::limited(limits, "127.0.0.0/8, 10.0.0.0/8");
    let admin = Person::administrator(&world, "admin").await;
    let session = world.get_as(&admin.token, "/sessions").await.json();
    let session = session["sessions"][0]["id"].as_str().unwrap().to_owned();
    let refresh = world.register(EMAIL).await.member("refresh_token");
    let verification = world.mailed_token().await;
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    let tokens = vec![refresh, verification, world.mailed_token().await];
    (world, Known { admin: admin.token, ids: vec![admin.id, session], tokens })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 250,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_sent_is_answered_or_refused_with_a_code(sent in vec(requests(&KNOWN), 1..8)) {
        RUNTIME.block_on(async {
            let (world, known) = furnished().await;
            assert_eq!(known, *KNOWN, "one world is as the other");
            for sent in sent {
                attend(&world, sent).await;
            }
        });
    }
}

async fn attend(world: &World, sent: Sent) {
    let (is_head, is_page) = (sent.method == Method::HEAD, sent.is_for_a_page());
    let Some(request) = sent.request() else { return };
    let answer = world.send(request).await;
    assert!(answer.status.as_u16() < 500, "{answer:?}");
    assert!(!answer.header("x-request-id").is_empty(), "{answer:?}");
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{answer:?}");
    let told = format!("{:?} {}", answer.headers, answer.body);
    assert!(!told.contains(PASSWORD) && !told.contains(SECRET), "{answer:?}");
    if answer.status.as_u16() >= 400 && !is_head {
        assert_refused(&answer, is_page);
    }
}

/// Pages are for people, and say in words what is wrong.
fn assert_refused(answer: &Answer, is_page: bool) {
    let media_type = answer.header(header::CONTENT_TYPE);
    if is_page && media_type == "text/html; charset=utf-8" {
        return;
    }
    assert_eq!(media_type, "application/problem+json", "{answer:?}");
    assert_eq!(answer.json()["status"], answer.status.as_u16(), "{answer:?}");
    assert!(!answer.member("code").is_empty(), "{answer:?}");
}
