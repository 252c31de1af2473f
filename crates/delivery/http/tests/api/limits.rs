//! What may not be asked for any number of times, and by whom.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::http::header;
use fastauth_application::breaches::Breaches;
use fastauth_domain::{
    breaches::{Finding, OutagePolicy},
    guess::GuessLimits,
    limit::Rate,
};
use fastauth_ports::{breaches::MockSearchBreaches, unavailable::Unavailable};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    parts::Limits,
    world::{Answer, EMAIL, PASSWORD, World, from},
};

const ADA: &str = "203.0.113.7";
const MALLORY: &str = "198.51.100.66";
const WRONG: &str = "wrong password";
const RESET: &str = "/auth/password-reset/request";

fn rate(count: u32, seconds: u64) -> Option<Rate> {
    Rate::new(count, Duration::from_secs(seconds))
}

/// Limits as they are by default.
fn limits() -> Limits {
    Limits {
        register: rate(3, 60),
        resend: rate(3, 300),
        reset: rate(3, 300),
        links: rate(10, 3_600),
        guesses: GuessLimits { rate: rate(5, 60), most: NonZeroU32::new(100) },
    }
}

/// A world in which Ada has registered, at home.
async fn world() -> World {
    let world = World::limited(limits(), "");
    register_from(&world, ADA, EMAIL).await;
    world
}

async fn register_from(world: &World, address: &str, email: &str) -> Answer {
    world
        .post_from(address, "/auth/register", &json!({ "email": email, "password": PASSWORD }))
        .await
}

async fn login_from(world: &World, address: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    world.post_from(address, "/auth/login", &body).await
}

/// Guesses until it is told to wait, and says how many guesses were looked at.
async fn guess_from(world: &World, address: &str, email: &str) -> usize {
    let mut guesses = 0;
    while login_from(world, address, email, WRONG).await.outcome() == "401 invalid_credentials" {
        guesses += 1;
        assert!(guesses < 1_000, "nobody is told to wait");
    }
    guesses
}

/// Guesses so many times, for as long as it takes.
async fn guess_patiently(world: &World, address: &str, times: usize) {
    for _ in 0..times {
        world.clock.advance(Duration::from_mins(1));
        let answer = login_from(world, address, EMAIL, WRONG).await;
        assert_eq!(answer.outcome(), "401 invalid_credentials");
    }
}

async fn reset(world: &World, from: &str) {
    assert_eq!(world.post_from(from, RESET, &json!({ "email": EMAIL })).await.status, 204);
    let token = world.mailed_token().await;
    let body = json!({ "token": token, "new_password": "another password 7" });
    let confirmed = world.post_from(from, "/auth/password-reset/confirm", &body).await;
    assert_eq!(confirmed.status, 204);
}

#[tokio::test]
async fn whoever_guesses_too_often_is_told_to_wait_and_for_how_long() {
    let world = world().await;
    assert_eq!(guess_from(&world, ADA, EMAIL).await, 5);
    let refused = login_from(&world, ADA, EMAIL, PASSWORD).await;
    assert_eq!(refused.outcome(), "429 rate_limited", "even the right password is not looked at");
    assert_eq!(refused.header(header::RETRY_AFTER), "12");
    assert_eq!(refused.header("ratelimit-policy"), "\"default\";q=5;w=60");
    assert_eq!(refused.header("ratelimit"), "\"default\";r=0;t=12");
    assert_eq!(refused.member("detail"), "Too many requests. Try again later.");
    world.clock.advance(Duration::from_millis(11_001));
    let refused = login_from(&world, ADA, EMAIL, PASSWORD).await;
    assert_eq!(refused.header(header::RETRY_AFTER), "1", "never less than it takes");
    world.clock.advance(Duration::from_millis(999));
    assert_eq!(login_from(&world, ADA, EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn the_right_password_is_not_counted_and_makes_up_for_the_wrong_ones() {
    let world = world().await;
    for _ in 0..30 {
        assert_eq!(login_from(&world, ADA, EMAIL, PASSWORD).await.status, 200);
    }
    for _ in 0..3 {
        for _ in 0..4 {
            assert_eq!(login_from(&world, ADA, EMAIL, WRONG).await.status, 401);
        }
        assert_eq!(login_from(&world, ADA, EMAIL, PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn of_many_guesses_at_once_no_more_are_compared_than_one_after_another() {
    let world = world().await;
    let compared = world.hasher.comparisons();
    let answers = join_all((0..40).map(|_| login_from(&world, ADA, EMAIL, WRONG))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 5);
    assert_eq!(world.hasher.comparisons() - compared, 5);
}

#[tokio::test]
async fn an_account_and_none_are_limited_alike() {
    let world = world().await;
    for _ in 0..7 {
        let known = login_from(&world, MALLORY, EMAIL, WRONG).await;
        let unknown = login_from(&world, MALLORY, "nobody@example.com", WRONG).await;
        assert_eq!(known.visible(), unknown.visible());
    }
    for _ in 0..12 {
        let known = world.post_from(MALLORY, RESET, &json!({ "email": EMAIL })).await;
        let nobody = json!({ "email": "nobody@example.com" });
        let unknown = world.post_from("198.51.100.67", RESET, &nobody).await;
        assert_eq!(known.visible(), unknown.visible());
    }
}

#[tokio::test]
async fn one_client_cannot_try_one_password_at_every_account() {
    let world = world().await;
    let mut looked_at = 0;
    for person in 0..100 {
        let email = format!("person{person}@example.com");
        looked_at += usize::from(login_from(&world, MALLORY, &email, WRONG).await.status == 401);
    }
    assert_eq!(looked_at, 20);
    assert_eq!(login_from(&world, ADA, EMAIL, PASSWORD).await.status, 200, "others go on");
}

#[tokio::test]
async fn an_account_of_ones_own_gives_nobody_more_guesses_at_others() {
    let world = world().await;
    register_from(&world, MALLORY, "mallory@example.com").await;
    let mut looked_at = 0;
    for person in 0..100 {
        let email = format!("person{person}@example.com");
        looked_at += usize::from(login_from(&world, MALLORY, &email, WRONG).await.status == 401);
        login_from(&world, MALLORY, "mallory@example.com", PASSWORD).await;
    }
    assert_eq!(looked_at, 20);
}

#[tokio::test]
async fn strangers_together_guess_no_faster_and_do_not_keep_the_owner_out() {
    let world = world().await;
    let mut looked_at = 0;
    for stranger in 1..100 {
        let answer = login_from(&world, &format!("198.51.100.{stranger}"), EMAIL, WRONG).await;
        looked_at += usize::from(answer.status == 401);
    }
    assert_eq!(looked_at, 20);
    let abroad = login_from(&world, "192.0.2.1", EMAIL, PASSWORD).await;
    assert_eq!(abroad.outcome(), "429 rate_limited", "a stranger, as far as anybody can tell");
    assert_eq!(login_from(&world, ADA, EMAIL, PASSWORD).await.status, 200, "at home");
}

#[tokio::test]
async fn after_a_hundred_wrong_passwords_none_is_right_until_a_reset() {
    let world = world().await;
    guess_patiently(&world, ADA, 100).await;
    world.clock.advance(Duration::from_hours(48));
    let locked = login_from(&world, ADA, EMAIL, PASSWORD).await;
    let wrong = login_from(&world, ADA, EMAIL, WRONG).await;
    assert_eq!(locked.visible(), wrong.visible(), "nobody is told");
    reset(&world, ADA).await;
    assert_eq!(login_from(&world, ADA, EMAIL, "another password 7").await.status, 200);
}

#[tokio::test]
async fn a_locked_account_still_knows_where_its_owner_signed_in_before() {
    let world = world().await;
    guess_patiently(&world, MALLORY, 100).await;
    assert_eq!(login_from(&world, "192.0.2.1", EMAIL, PASSWORD).await.status, 401);
    assert_eq!(login_from(&world, ADA, EMAIL, PASSWORD).await.status, 200);
    assert_eq!(login_from(&world, MALLORY, EMAIL, PASSWORD).await.status, 401);
}

#[tokio::test]
async fn a_locked_account_looks_like_any_other_to_whoever_goes_on_guessing() {
    let world = world().await;
    guess_patiently(&world, MALLORY, 100).await;
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(guess_from(&world, MALLORY, EMAIL).await, 5);
    assert_eq!(guess_from(&world, MALLORY, "nobody@example.com").await, 5);
}

#[tokio::test]
async fn sessions_go_on_while_somebody_guesses() {
    let world = World::limited(limits(), "");
    let refresh = register_from(&world, ADA, EMAIL).await.member("refresh_token");
    guess_patiently(&world, MALLORY, 100).await;
    assert_eq!(world.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn a_client_registers_and_asks_for_links_so_often_and_no_more() {
    let world = World::limited(limits(), "");
    for person in 0..3 {
        let answer = register_from(&world, ADA, &format!("person{person}@example.com")).await;
        assert_eq!(answer.status, 201);
    }
    let refused = register_from(&world, ADA, "person3@example.com").await;
    assert_eq!(
        (refused.outcome().as_str(), refused.header(header::RETRY_AFTER)),
        ("429 rate_limited", "20")
    );
    assert_eq!(register_from(&world, MALLORY, "person3@example.com").await.status, 201);
    for paths in
        [vec![RESET], vec!["/auth/email-verification/request", "/auth/email-verification/resend"]]
    {
        for path in paths.iter().cycle().take(3) {
            assert_eq!(world.post_from(ADA, path, &json!({ "email": EMAIL })).await.status, 204);
        }
        for path in paths {
            let refused = world.post_from(ADA, path, &json!({ "email": EMAIL })).await;
            assert_eq!(refused.outcome(), "429 rate_limited");
            assert_eq!(refused.header(header::RETRY_AFTER), "100");
        }
    }
}

#[tokio::test]
async fn what_is_not_valid_is_not_counted() {
    let world = World::limited(limits(), "");
    for body in [json!({}), json!({ "email": EMAIL, "password": "short" })] {
        for _ in 0..5 {
            assert_eq!(world.post_from(ADA, "/auth/register", &body).await.status, 422);
        }
    }
    assert_eq!(register_from(&world, ADA, EMAIL).await.status, 201);
}

#[tokio::test]
async fn nobody_can_flood_a_mailbox_with_links_nor_break_the_last_one() {
    let world = world().await;
    let mails = world.mails().await;
    for stranger in 1..60 {
        let from = format!("198.51.100.{stranger}");
        assert_eq!(world.post_from(&from, RESET, &json!({ "email": EMAIL })).await.status, 204);
        world.attend().await;
    }
    assert_eq!(world.mails().await - mails, 10);
    let body = json!({ "token": world.mailed_token().await, "new_password": "another password 7" });
    assert_eq!(world.post("/auth/password-reset/confirm", &body).await.status, 204);
}

#[tokio::test]
async fn a_stolen_session_is_no_way_to_guess_the_password() {
    let world = World::limited(limits(), "");
    let access = register_from(&world, ADA, EMAIL).await.member("access_token");
    let change = json!({ "current_password": WRONG, "new_password": "another password 7" });
    for _ in 0..5 {
        let answer = world.post_as(&access, "/account/change-password", &change).await;
        assert_eq!(answer.outcome(), "400 invalid_password");
    }
    for (path, body) in [
        ("/account/change-password", change),
        (
            "/account/request-email-change",
            json!({ "new_email": "b@example.com", "password": WRONG }),
        ),
    ] {
        let answer = world.post_as(&access, path, &body).await;
        assert_eq!(answer.outcome(), "429 rate_limited", "{path}");
    }
    assert_eq!(login_from(&world, ADA, EMAIL, PASSWORD).await.status, 200, "counted apart");
}

#[tokio::test]
async fn asking_for_other_addresses_tells_no_more_of_taken_ones_than_registering() {
    let world = World::limited(limits(), "");
    register_from(&world, MALLORY, "taken@example.com").await;
    let access = register_from(&world, ADA, EMAIL).await.member("access_token");
    let ask = async |from_address: &str, new: &str, password: &str| {
        let body = json!({ "new_email": new, "password": password });
        let mut request = from(from_address, "/account/request-email-change", &body);
        let bearer = format!("Bearer {access}").parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        world.send(request).await.outcome()
    };
    for _ in 0..2 {
        assert_eq!(ask(ADA, "taken@example.com", WRONG).await, "400 invalid_password");
    }
    for _ in 0..3 {
        assert_eq!(ask(ADA, "taken@example.com", PASSWORD).await, "409 email_taken");
    }
    for new in ["taken@example.com", "free@example.com"] {
        assert_eq!(ask(ADA, new, PASSWORD).await, "429 rate_limited");
    }
    assert_eq!(ask(MALLORY, "free@example.com", PASSWORD).await, "200", "by client");
}

async fn login_through(world: &World, peer: &str, forwarded_for: &str) -> Answer {
    let body: Value = json!({ "email": EMAIL, "password": WRONG });
    let mut request = from(peer, "/auth/login", &body);
    request.headers_mut().insert("x-forwarded-for", forwarded_for.parse().unwrap());
    world.send(request).await
}

#[tokio::test]
async fn an_address_that_is_made_up_helps_nobody() {
    for (proxies, peer, appended) in
        [("", MALLORY, ""), ("10.0.0.0/8", "10.0.0.1", ", 198.51.100.66")]
    {
        let world = World::limited(limits(), proxies);
        for lie in 0..5 {
            let headers = format!("192.0.2.{lie}{appended}");
            assert_eq!(login_through(&world, peer, &headers).await.status, 401);
        }
        let headers = format!("192.0.2.9{appended}");
        assert_eq!(login_through(&world, peer, &headers).await.status, 429);
    }
}

#[tokio::test]
async fn clients_behind_a_trusted_proxy_are_told_apart() {
    let world = World::limited(limits(), "10.0.0.1");
    for _ in 0..6 {
        login_through(&world, "10.0.0.1", MALLORY).await;
    }
    assert_eq!(login_through(&world, "10.0.0.1", ADA).await.status, 401);
    let events = world.store.audit_events();
    let address = events.last().unwrap().origin.address.unwrap();
    assert_eq!(address.to_string(), ADA, "the audit trail has the same address");
}

#[tokio::test]
async fn half_an_ipv6_address_is_one_client_and_ipv4_is_ipv4() {
    let world = world().await;
    for host in 0..5 {
        let from = format!("2001:db8:1:2::{host}");
        assert_eq!(login_from(&world, &from, EMAIL, WRONG).await.status, 401);
    }
    assert_eq!(login_from(&world, "2001:db8:1:2:3::", EMAIL, WRONG).await.status, 429);
    assert_eq!(login_from(&world, "2001:db8:1:3::", EMAIL, WRONG).await.status, 401);
    for _ in 0..5 {
        login_from(&world, MALLORY, EMAIL, WRONG).await;
    }
    let mapped = format!("::ffff:{MALLORY}");
    assert_eq!(login_from(&world, &mapped, EMAIL, WRONG).await.status, 429);
}

#[tokio::test]
async fn a_registration_that_was_answered_503_does_not_count() {
    let mut breaches = MockSearchBreaches::new();
    breaches.expect_search().times(9).returning(|_| Err(Unavailable::new("out")));
    breaches.expect_search().returning(|_| Ok(Finding::Clean));
    let breaches = Breaches::searched(Arc::new(breaches), OutagePolicy::Refuse);
    let world = World::limited_and_searching(limits(), breaches);
    for _ in 0..9 {
        let answer = register_from(&world, ADA, EMAIL).await;
        assert_eq!(answer.outcome(), "503 unavailable");
        let wait = answer.header(header::RETRY_AFTER).parse().unwrap();
        world.clock.advance(Duration::from_secs(wait));
    }
    assert_eq!(register_from(&world, ADA, EMAIL).await.status, 201, "who comes again succeeds");
    for person in 0..2 {
        let answer = register_from(&world, ADA, &format!("person{person}@example.com")).await;
        assert_eq!(answer.status, 201);
    }
    let refused = register_from(&world, ADA, "one.more@example.com").await;
    assert_eq!(refused.outcome(), "429 rate_limited", "and what succeeded has counted");
}

#[tokio::test]
async fn a_link_that_was_answered_503_does_not_count() {
    for path in [RESET, "/auth/email-verification/resend"] {
        let world = world().await;
        let body = json!({ "email": EMAIL });
        for _ in 0..15 {
            world.fault.fail_write(1);
            let answer = world.post_from(MALLORY, path, &body).await;
            assert_eq!(answer.outcome(), "503 unavailable");
        }
        for _ in 0..3 {
            assert_eq!(world.post_from(MALLORY, path, &body).await.status, 204);
        }
        assert_eq!(world.post_from(MALLORY, path, &body).await.outcome(), "429 rate_limited");
        assert_eq!(world.mails().await, 4, "nor does the mailbox count what was not kept");
    }
}
