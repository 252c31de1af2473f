//! Instances that have hardly anything: one connection, or no room on the disk.

use crate::{
    engine::Engine,
    pair::Pair,
    people::{arrive, live, nothing_is_double},
};

const PEOPLE: usize = 8;

/// Nothing may need a second connection while it holds one: with only one, it would wait for itself.
async fn everything_works_over_one_connection(engine: Engine) {
    let pair = Pair::start_with(engine, &[("DATABASE_CONNECTIONS", "1")]).await;
    let people = arrive(&pair, PEOPLE).await;
    assert_eq!(live(people).await, 0, "somebody was turned away");
    nothing_is_double(&pair, PEOPLE).await;
    assert_eq!((pair.errors(0), pair.errors(1)), (String::new(), String::new()));
    pair.stop();
}

everywhere!(everything_works_over_one_connection);

/// A limit to the size of files stands for a full disk: what exceeds it is not written.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn without_room_for_the_database_the_rest_goes_on_and_nothing_is_lost() {
    use reqwest::StatusCode;
    use rustix::process::{Resource, Rlimit, Signal, prlimit};

    use crate::{
        door::{Door, credentials},
        pair::place,
        people::{OLD, address},
    };

    let place = place("sqlite://fastauth.db?mode=rwc");
    // Whoever exceeds the limit is told, and not killed.
    let script = "trap '' XFSZ; exec \"$0\"";
    let arguments = ["-c", script, env!("CARGO_BIN_EXE_fastauth")];
    let mut program = place.start_by(&mut place.command_of("/bin/sh", &arguments));
    let door = Door::to(&[program.port]);
    let session = door.register(&address("ada"), OLD).await;
    let limit_files = |bytes| {
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(Some(program.pid()), Resource::Fsize, limit).unwrap();
    };
    for round in 0..2 {
        limit_files(Some(0));
        let newcomer = credentials(&address(&format!("newcomer{round}")), OLD);
        let refused = door.try_post("/auth/register", &newcomer).await.unwrap();
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused:?}");
        assert_eq!(door.me(&session.access_token()).await.status, StatusCode::OK);
        assert_eq!(door.get("/health/live").await, StatusCode::OK);
        limit_files(None);
        let accepted = door.try_post("/auth/register", &newcomer).await.unwrap();
        assert_eq!(accepted.status, StatusCode::CREATED, "{accepted:?}");
    }
    assert_eq!(door.refresh(&session.refresh_token()).await.status, StatusCode::OK);
    limit_files(Some(0));
    let newcomer = credentials(&address("latecomer"), OLD);
    let refused = door.try_post("/auth/register", &newcomer).await.unwrap();
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{refused:?}");
    program.send(Signal::KILL);
    program.wait();
    let program = place.start();
    for name in ["ada", "newcomer0", "newcomer1"] {
        assert_eq!(door.login(&address(name), OLD).await.status, StatusCode::OK, "{name}");
    }
    let accepted = door.try_post("/auth/register", &newcomer).await.unwrap();
    assert_eq!(accepted.status, StatusCode::CREATED, "{accepted:?}");
    program.stop();
}
