//! Guesses and requests that are spread over both instances.

use std::time::{Duration, Instant};

use fastauth_testkit::redis_server::RedisServer;
use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::{
    door::{Answer, Door},
    engine::Engine,
    pair::{Pair, RESET},
    people::{OLD, address},
    place::PATIENCE,
};

/// Five at once, and then one in a quarter of an hour: no test lasts so long.
const SLOW: [(&str, &str); 1] = [("RATE_LIMIT_LOGIN", "5/4500")];

async fn guesses_at_two_instances_are_counted_together(engine: Engine) {
    let pair = Pair::start_with(engine, &SLOW).await;
    pair.door(0).register(&address("user"), OLD).await;
    let mut guesses = JoinSet::new();
    for number in 0..16 {
        let door = pair.door(number % 2);
        guesses.spawn(async move { door.login(&address("user"), "wrong password").await.status });
    }
    let mut statuses = guesses.join_all().await;
    statuses.sort();
    let looked_at = statuses.iter().filter(|it| **it == StatusCode::UNAUTHORIZED).count();
    assert_eq!(looked_at, 5, "{statuses:?}");
    assert!(statuses.ends_with(&[StatusCode::TOO_MANY_REQUESTS; 11]), "{statuses:?}");
    pair.stop();
}

async fn what_was_counted_outlives_an_instance(engine: Engine) {
    let mut pair = Pair::start_with(engine, &SLOW).await;
    for _ in 0..5 {
        let answer = pair.door(0).login(&address("nobody"), "wrong password").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    pair.kill(0);
    pair.restart(0);
    for door in [pair.door(0), pair.door(1)] {
        let answer = door.login(&address("nobody"), "wrong password").await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    }
    pair.stop();
}

/// How many of so many wrong passwords, sent to both in turn, are looked at.
async fn looked_at(pair: &Pair, who: &str, count: usize) -> usize {
    let mut looked_at = 0;
    for number in 0..count {
        let answer = pair.door(number % 2).login(&address(who), "wrong password").await;
        match answer.status {
            StatusCode::UNAUTHORIZED => looked_at += 1,
            status => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
        }
    }
    looked_at
}

async fn limits_hold_with_redis_and_without_it_and_when_it_is_back(engine: Engine) {
    let Some(mut redis) = RedisServer::start() else { return };
    let url = redis.url();
    let pair = Pair::start_with(engine, &[SLOW[0], ("REDIS_URL", &url)]).await;
    pair.door(0).register(&address("user"), OLD).await;
    assert_eq!(looked_at(&pair, "user", 12).await, 5);
    assert_eq!(
        pair.database.number("SELECT COUNT(*) FROM bucket WHERE name LIKE 'login%'").await,
        0
    );
    redis.stop();
    // What was counted is not known any more, and is counted anew in the database.
    assert_eq!(looked_at(&pair, "user", 12).await, 5);
    redis.restart();
    let since = Instant::now();
    while looked_at(&pair, "user", 1).await == 0 {
        assert!(since.elapsed() < PATIENCE, "it is not used again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(looked_at(&pair, "user", 12).await <= 4 + 1, "one may have been counted too late");
    let right = pair.door(1).login(&address("stranger"), "wrong password").await;
    assert_eq!(right.status, StatusCode::UNAUTHORIZED, "nobody else is kept out");
    pair.stop();
}

/// How many wrong passwords in a row an account takes here.
const MOST: usize = 20;

/// Wrong passwords, by turns at each instance and all at once, which are all compared.
async fn guess(pair: &Pair, times: usize) {
    let mut guesses = JoinSet::new();
    for number in 0..times {
        let door = pair.door(number % 2);
        guesses.spawn(async move { door.login(&address("user"), "wrong password").await.status });
    }
    let statuses = guesses.join_all().await;
    assert_eq!(statuses, vec![StatusCode::UNAUTHORIZED; times]);
}

/// What the password earns at each instance.
async fn tried(pair: &Pair, password: &str) -> [StatusCode; 2] {
    let (one, other) = (pair.door(0), pair.door(1));
    let email = address("user");
    [one.login(&email, password).await.status, other.login(&email, password).await.status]
}

async fn wrong_passwords_at_two_instances_lock_an_account_until_a_reset(engine: Engine) {
    const OPEN: [StatusCode; 2] = [StatusCode::OK; 2];
    const LOCKED: [StatusCode; 2] = [StatusCode::UNAUTHORIZED; 2];
    let mut pair = Pair::start_with(engine, &[("MAX_WRONG_PASSWORDS", &MOST.to_string())]).await;
    pair.door(0).register(&address("user"), OLD).await;
    guess(&pair, MOST - 1).await;
    assert_eq!(tried(&pair, OLD).await, OPEN, "one is left");
    guess(&pair, MOST).await;
    assert_eq!(tried(&pair, OLD).await, LOCKED, "ten at each are twenty");
    for index in [0, 1] {
        pair.kill(index);
        pair.restart(index);
        assert_eq!(tried(&pair, OLD).await, LOCKED);
    }
    let requested = pair.door(0).request_reset(&address("user")).await;
    assert_eq!(requested.status, StatusCode::NO_CONTENT);
    let token = pair.token(RESET, &address("user")).await;
    let reset = pair.door(1).reset(&token, "the password of after").await;
    assert_eq!(reset.status, StatusCode::NO_CONTENT);
    assert_eq!(tried(&pair, "the password of after").await, OPEN);
    pair.stop();
}

/// The statuses of so many requests, half of them at each instance, in order.
async fn statuses<F>(pair: &Pair, count: usize, ask: impl Fn(usize, Door) -> F) -> Vec<StatusCode>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let mut asking = JoinSet::new();
    for number in 0..count {
        asking.spawn(ask(number, pair.door(number % 2)));
    }
    let mut statuses: Vec<_> = asking.join_all().await.iter().map(|it| it.status).collect();
    statuses.sort();
    statuses
}

async fn registrations_and_links_at_two_instances_are_counted_together(engine: Engine) {
    let limits = [("RATE_LIMIT_REGISTER", "3/4500"), ("RATE_LIMIT_RESET", "4/6000")];
    let pair = Pair::start_with(engine, &limits).await;
    let registered = statuses(&pair, 8, |number, door| async move {
        door.register(&address(&format!("person{number}")), OLD).await
    })
    .await;
    assert_eq!(registered[..3], [StatusCode::CREATED; 3]);
    assert_eq!(registered[3..], [StatusCode::TOO_MANY_REQUESTS; 5]);
    let asked = statuses(&pair, 8, |number, door| async move {
        door.request_reset(&address(&format!("person{number}"))).await
    })
    .await;
    assert_eq!(asked[..4], [StatusCode::NO_CONTENT; 4]);
    assert_eq!(asked[4..], [StatusCode::TOO_MANY_REQUESTS; 4]);
    pair.stop();
}

async fn links_to_one_mailbox_at_two_instances_are_counted_together(engine: Engine) {
    let pair = Pair::start_with(engine, &[("EMAIL_LINKS_PER_RECIPIENT", "3/4500")]).await;
    pair.door(0).register(&address("user"), OLD).await;
    let asked =
        statuses(&pair, 12, |_, door| async move { door.request_reset(&address("user")).await })
            .await;
    assert_eq!(asked, [StatusCode::NO_CONTENT; 12], "nobody is told");
    let (started, waiting) = (Instant::now(), "SELECT COUNT(*) FROM pending_request");
    while pair.database.number(waiting).await > 0 {
        assert!(started.elapsed() < PATIENCE, "not attended to");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let links = "SELECT COUNT(*) FROM audit_event WHERE kind = 'password_reset_requested'";
    assert_eq!(pair.database.number(links).await, 3);
    pair.stop();
}

everywhere! {
    limits_hold_with_redis_and_without_it_and_when_it_is_back,
    guesses_at_two_instances_are_counted_together,
    what_was_counted_outlives_an_instance,
    wrong_passwords_at_two_instances_lock_an_account_until_a_reset,
    registrations_and_links_at_two_instances_are_counted_together,
    links_to_one_mailbox_at_two_instances_are_counted_together,
}
