//! Ending sessions while they are being used at both instances.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use reqwest::StatusCode;
use tokio::task::{JoinHandle, JoinSet};

use crate::{
    door::{Answer, Door},
    engine::Engine,
    pair::{Pair, RESET},
    people::{OLD, address, pause},
};

const NEW: &str = "the password of after";

async fn a_session_that_was_logged_out_is_over_at_both_instances(engine: Engine) {
    const SESSIONS: usize = 16;
    let pair = Pair::start(engine).await;
    pair.door(0).register(&address("user"), OLD).await;
    for number in 0..SESSIONS {
        let session = pair.door(number % 2).login(&address("user"), OLD).await;
        let refreshing = [0, 1]
            .map(|instance| refresh_until_refused(pair.door(instance), session.refresh_token()));
        pause(number, 60).await;
        let logout = pair.door(number % 2).logout(&session.refresh_token()).await;
        assert_eq!(logout.status, StatusCode::NO_CONTENT);
        // Whatever begins from now on comes too late.
        for (instance, (refreshing, over)) in refreshing.into_iter().enumerate() {
            let late = pair.door(instance).refresh(&session.refresh_token()).await;
            assert_eq!(late.status, StatusCode::UNAUTHORIZED, "{late:?}");
            over.store(true, Ordering::SeqCst);
            for token in refreshing.await.unwrap() {
                let late = pair.door(instance).refresh(&token).await;
                assert_eq!(late.status, StatusCode::UNAUTHORIZED, "{late:?}");
            }
            let late = pair.door(instance).me(&session.access_token()).await;
            assert_eq!(late.status, StatusCode::UNAUTHORIZED, "{late:?}");
        }
    }
    pair.stop();
}

/// Refreshes a session over and over, and gives every token that was earned.
fn refresh_until_refused(door: Door, first: String) -> (JoinHandle<Vec<String>>, Arc<AtomicBool>) {
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let refreshing = tokio::spawn(async move {
        let mut tokens = vec![first];
        while !is_over.load(Ordering::SeqCst) {
            let answer = door.refresh(tokens.last().unwrap()).await;
            if answer.status == StatusCode::UNAUTHORIZED {
                break;
            }
            tokens.push(answer.refresh_token());
        }
        tokens
    });
    (refreshing, over)
}

/// What was handed out while a password was being reset.
#[derive(Default)]
struct HandedOut {
    for_old: Mutex<Vec<Answer>>,
    for_new: Mutex<Vec<Answer>>,
}

async fn a_password_reset_ends_what_was_before_it_and_nothing_that_comes_after(engine: Engine) {
    const RESETS: usize = 12;
    let pair = Pair::start(engine).await;
    for number in 0..RESETS {
        let email = address(&format!("user{number}"));
        let registered = pair.door(number % 2).register(&email, OLD).await;
        pair.door(number % 2).request_reset(&email).await;
        let reset = pair.token(RESET, &email).await;
        let handed_out = Arc::new(HandedOut::default());
        handed_out.for_old.lock().unwrap().push(registered.clone());
        let mut busy = JoinSet::new();
        for caller in 0..6 {
            let (door, email) = (pair.door(caller % 2), email.clone());
            let (handed_out, registered) = (Arc::clone(&handed_out), registered.clone());
            busy.spawn(async move {
                pause(number * 6 + caller, 60).await;
                match caller {
                    0 | 1 => use_password(&door, &email, OLD, &handed_out.for_old).await,
                    2 | 3 => use_password(&door, &email, NEW, &handed_out.for_new).await,
                    _ => use_session(&door, registered, &handed_out.for_old).await,
                }
            });
        }
        pause(number, 60).await;
        let answer = pair.door((number + 1) % 2).reset(&reset, NEW).await;
        assert_eq!((answer.status, answer.unanswered), (StatusCode::NO_CONTENT, 0), "{answer:?}");
        for instance in 0..2 {
            let answer = pair.door(instance).login(&email, OLD).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
        }
        let new = pair.door(number % 2).login(&email, NEW).await;
        handed_out.for_new.lock().unwrap().push(new);
        busy.join_all().await;
        check(&pair, &handed_out).await;
    }
    pair.stop();
}

/// Everything that the old password earned is worth nothing, and everything that the new one earned
/// goes on.
async fn check(pair: &Pair, handed_out: &HandedOut) {
    let for_old = std::mem::take(&mut *handed_out.for_old.lock().unwrap());
    for (number, session) in for_old.into_iter().enumerate() {
        let door = pair.door(number % 2);
        let answer = door.me(&session.access_token()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
        let answer = door.refresh(&session.refresh_token()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
    }
    let for_new = std::mem::take(&mut *handed_out.for_new.lock().unwrap());
    for (number, session) in for_new.into_iter().enumerate() {
        let door = pair.door(number % 2);
        let answer = door.refresh(&session.refresh_token()).await;
        assert_eq!(door.me(&answer.access_token()).await.status, StatusCode::OK);
    }
}

/// Logs in a few times, whether it succeeds or not.
async fn use_password(door: &Door, email: &str, password: &str, sessions: &Mutex<Vec<Answer>>) {
    for _ in 0..3 {
        let answer = door.login(email, password).await;
        assert_eq!(answer.unanswered, 0, "{answer:?}");
        if answer.status.is_success() {
            sessions.lock().unwrap().push(answer);
        }
    }
}

/// Refreshes a few times, until it is refused.
async fn use_session(door: &Door, session: Answer, sessions: &Mutex<Vec<Answer>>) {
    let mut session = session;
    for _ in 0..8 {
        session = door.refresh(&session.refresh_token()).await;
        assert_eq!(session.unanswered, 0, "{session:?}");
        if !session.status.is_success() {
            break;
        }
        sessions.lock().unwrap().push(session.clone());
    }
}

everywhere! {
    a_session_that_was_logged_out_is_over_at_both_instances,
    a_password_reset_ends_what_was_before_it_and_nothing_that_comes_after,
}
