//! A server that is not there, or does not answer.

use std::time::Duration;

use fastauth_domain::{
    limit::{Bucket, Change, Keeping, Rate, Reached},
    time::Timestamp,
};
use fastauth_ports::{limits::CountQuickly, unavailable::Unavailable};
use fastauth_redis::{RedisLimits, RedisUrl};
use fastauth_testkit::redis_server::RedisServer;
use redis::aio::MultiplexedConnection;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

const NOW: Timestamp = Timestamp::from_unix_micros(1_795_900_000_000_000);
/// How long everything has time for that happens some day.
const PATIENCE: Duration = Duration::from_secs(30);

/// A busy machine does not matter here.
fn limits(url: &str) -> RedisLimits {
    RedisLimits::within(&RedisUrl::parse(url).unwrap(), PATIENCE)
}

fn bucket() -> Bucket {
    let rate = Rate::new(1, Duration::from_hours(1)).unwrap();
    Bucket { name: "login".to_owned(), rate, keeping: Keeping::Passing }
}

/// A connection of the test's own.
async fn beside(server: &RedisServer) -> MultiplexedConnection {
    let client = redis::Client::open(server.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

async fn attempt(limits: &RedisLimits) -> Result<Result<(), Reached>, Unavailable> {
    limits.attempt(&[bucket()], NOW).await
}

/// The first answer after an outage.
async fn answered(limits: &RedisLimits) -> Result<(), Reached> {
    let since = Instant::now();
    loop {
        if let Ok(answer) = attempt(limits).await {
            return answer;
        }
        assert!(since.elapsed() < PATIENCE, "it does not answer again");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_server_that_ends_counts_no_more_and_one_that_comes_back_counts_anew() {
    let Some(mut server) = RedisServer::start() else { return };
    let limits = limits(&server.url());
    assert_eq!(answered(&limits).await, Ok(()));
    assert!(answered(&limits).await.is_err(), "it is full");
    server.stop();
    assert!(attempt(&limits).await.is_err());
    assert!(limits.settle(&[Change::GiveBack(bucket())]).await.is_err());
    server.restart();
    assert_eq!(answered(&limits).await, Ok(()));
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_found_once_it_is() {
    let Some(mut server) = RedisServer::start() else { return };
    server.stop();
    let limits = limits(&server.url());
    assert!(attempt(&limits).await.is_err());
    server.restart();
    assert_eq!(answered(&limits).await, Ok(()));
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_has_stopped_to_answer() {
    let Some(server) = RedisServer::start() else { return };
    let limits = RedisLimits::new(&RedisUrl::parse(&server.url()).unwrap());
    let _ = answered(&limits).await;
    let process = Pid::from_child(server.process().unwrap());
    kill_process(process, Signal::STOP).unwrap();
    let since = Instant::now();
    for _ in 0..100 {
        assert!(attempt(&limits).await.is_err());
    }
    // Waiting for each would take five seconds.
    assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    kill_process(process, Signal::CONT).unwrap();
    assert!(answered(&limits).await.is_err(), "it was counted before");
}

#[tokio::test]
async fn a_server_that_has_no_memory_to_spare_counts_no_more() {
    let Some(server) = RedisServer::start() else { return };
    let mut connection = beside(&server).await;
    let limits = limits(&server.url());
    assert_eq!(answered(&limits).await, Ok(()));
    let set = |memory: &str| redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(memory).clone();
    set("1").exec_async(&mut connection).await.unwrap();
    let another = Bucket { name: "another".to_owned(), ..bucket() };
    assert!(limits.attempt(&[another], NOW).await.is_err());
    set("0").exec_async(&mut connection).await.unwrap();
    assert!(answered(&limits).await.is_err(), "it was counted before");
}

#[tokio::test]
async fn buckets_are_gone_some_time_after_they_are_due() {
    let Some(server) = RedisServer::start() else { return };
    let mut connection = beside(&server).await;
    let limits = limits(&server.url());
    assert_eq!(answered(&limits).await, Ok(()));
    let mut ttl = redis::cmd("TTL");
    ttl.arg("{fastauth-limits}:login");
    let left: i64 = ttl.query_async(&mut connection).await.unwrap();
    assert!((3_600..=3_900).contains(&left), "{left}");
    limits.settle(&[Change::GiveBack(bucket())]).await.unwrap();
    let still: i64 = ttl.query_async(&mut connection).await.unwrap();
    assert!((1..=left).contains(&still), "{still}");
    limits.settle(&[Change::Forget(vec!["login".to_owned()])]).await.unwrap();
    let keys: i64 = redis::cmd("DBSIZE").query_async(&mut connection).await.unwrap();
    assert_eq!(keys, 0);
}

#[tokio::test]
async fn a_server_that_gets_its_new_password_after_the_program_counts_once_it_has() {
    let Some(server) = RedisServer::start() else { return };
    let mut connection = beside(&server).await;
    let limits = limits(&server.url().replace(":correct", ":next"));
    assert!(attempt(&limits).await.is_err());
    let mut change = redis::cmd("CONFIG");
    change.arg("SET").arg("requirepass").arg("next-horse-battery");
    change.exec_async(&mut connection).await.unwrap();
    assert_eq!(answered(&limits).await, Ok(()));
}

#[tokio::test]
async fn a_password_that_is_wrong_is_not_told() {
    let Some(server) = RedisServer::start() else { return };
    let url = server.url().replace(":correct", ":wrong");
    let error = attempt(&limits(&url)).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("wrong-horse"), "{error:?}");
    let shown = format!("{:?}", RedisUrl::parse(&url).unwrap());
    assert!(shown.contains("127.0.0.1") && !shown.contains("horse"), "{shown}");
}

#[test]
fn what_is_no_url_of_a_server_is_refused() {
    for text in ["", "localhost:6379", "http://localhost:6379", "redis://"] {
        assert!(RedisUrl::parse(text).is_err(), "{text}");
    }
    for text in ["redis://localhost", "rediss://user:password@cache.example.com:6380/2"] {
        assert!(RedisUrl::parse(text).is_ok(), "{text}");
    }
}
