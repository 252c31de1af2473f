//! Hashes that are older than the parameters.

use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::{
    engine::Engine,
    pair::Pair,
    people::{OLD, address},
};

async fn stored(pair: &Pair) -> String {
    pair.database.text("SELECT password_hash FROM account").await
}

async fn an_old_hash_is_renewed_by_the_right_password_alone_and_once(engine: Engine) {
    let mut pair = Pair::start(engine).await;
    let email = address("user");
    pair.door(0).register(&email, OLD).await;
    let old = stored(&pair).await;
    assert!(old.starts_with("$argon2id$v=19$m=7168,t=5,p=1$"), "{old}");
    for index in [0, 1] {
        pair.restart_with(index, &[("ARGON2_ITERATIONS", "6")]);
    }
    for index in [0, 1] {
        let refused = pair.door(index).login(&email, "another password").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(stored(&pair).await, old, "a wrong password renews nothing");

    let mut logins = JoinSet::new();
    for number in 0..16 {
        let (door, email) = (pair.door(number % 2), email.clone());
        logins.spawn(async move { door.login(&email, OLD).await.status });
    }
    assert_eq!(logins.join_all().await, [StatusCode::OK; 16]);
    let renewed = stored(&pair).await;
    assert!(renewed.starts_with("$argon2id$v=19$m=7168,t=6,p=1$"), "{renewed}");
    for index in [0, 1] {
        assert_eq!(pair.door(index).login(&email, OLD).await.status, StatusCode::OK);
        let refused = pair.door(index).login(&email, "another password").await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(stored(&pair).await, renewed, "what is renewed stays as it is");
    pair.stop();
}

everywhere! {
    an_old_hash_is_renewed_by_the_right_password_alone_and_once,
}
