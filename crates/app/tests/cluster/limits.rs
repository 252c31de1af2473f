//! Guesses that are spread over both instances.

use std::time::{Duration, Instant};

use fastauth_testkit::redis_server::RedisServer;
use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::{
    engine::Engine,
    pair::Pair,
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
    assert_eq!(pair.database.number("SELECT COUNT(*) FROM bucket WHERE name LIKE 'login%'").await, 0);
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

everywhere! {
    limits_hold_with_redis_and_without_it_and_when_it_is_back,
    guesses_at_two_instances_are_counted_together,
    what_was_counted_outlives_an_instance,
}
