//! Guesses that are spread over both instances.

use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::{
    engine::Engine,
    pair::Pair,
    people::{OLD, address},
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

everywhere! {
    guesses_at_two_instances_are_counted_together,
    what_was_counted_outlives_an_instance,
}
