//! What was acknowledged survives the worst.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use rustix::process::Signal;

use crate::{
    client::credentials,
    place::{PATIENCE, Place},
};

/// How many people register at once.
const CROWD: usize = 8;
/// How many must have been told that they are registered before the program is killed.
const ENOUGH: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let place = Place::new();
    let mut program = place.start();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let next = Arc::new(AtomicUsize::new(0));
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..CROWD {
        let (client, acknowledged, next) =
            (program.client(), Arc::clone(&acknowledged), Arc::clone(&next));
        crowd.spawn(async move {
            loop {
                let email = format!("user{}@example.com", next.fetch_add(1, Ordering::SeqCst));
                match client.try_post("/auth/register", &credentials(&email)).await {
                    Ok((StatusCode::CREATED, _)) => acknowledged.lock().unwrap().push(email),
                    Ok((status, answer)) => panic!("{status}: {answer}"),
                    Err(_) => break,
                }
            }
        });
    }
    let started = Instant::now();
    while acknowledged.lock().unwrap().len() < ENOUGH {
        assert!(started.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    program.send(Signal::KILL);
    assert!(!program.wait().success());
    while let Some(member) = crowd.join_next().await {
        member.unwrap();
    }

    let program = place.start();
    let acknowledged = acknowledged.lock().unwrap().clone();
    for email in &acknowledged {
        program.client().login(email).await;
    }
    program.stop();
}
