//! Looking at the audit trail.

use std::{
    process::Output,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::place::{PATIENCE, Place, Program};

const ADA: &str = "ada@example.com";

fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn parsed(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The events of a trail, each by its name.
fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

fn id_of(place: &Place, email: &str) -> String {
    let account: Value =
        serde_json::from_str(&succeeded(&place.run(&["user", "show", email, "--json"]))).unwrap();
    account["id"].as_str().unwrap().to_owned()
}

#[test]
fn the_trail_tells_who_did_what_and_that_it_was_done_on_the_command_line() {
    let place = Place::new();
    succeeded(&place.run(&["user", "create", "--email", ADA, "--no-password", "--verified"]));
    succeeded(&place.run(&["user", "create", "--email", "bea@example.com", "--no-password"]));
    let id = id_of(&place, ADA);
    for command in ["disable", "enable", "revoke"] {
        succeeded(&place.run(&["user", command, ADA]));
    }
    let events = parsed(&succeeded(&place.run(&["audit", "tail", "--account", ADA, "--json"])));
    let expected =
        ["registered", "email_verified", "account_disabled", "account_enabled", "sessions_revoked"];
    assert_eq!(names(&events), expected);
    for event in &events {
        assert_eq!((&event["account_id"], &event["result"]), (&json!(id), &json!("success")));
        assert_eq!(event["device"], "fastauth command line");
    }
    let newest = parsed(&succeeded(&place.run(&["audit", "tail", "-n", "2", "--json"])));
    assert_eq!(newest, events[3..]);
    let lines = succeeded(&place.run(&["audit", "tail"]));
    assert_eq!(lines.lines().count(), 6);
    assert!(lines.lines().all(|line| line.ends_with("  fastauth command line")), "{lines}");
}

#[test]
fn of_an_account_that_was_removed_the_trail_still_tells_by_whom() {
    let place = Place::new();
    succeeded(&place.run(&["user", "create", "--email", ADA, "--no-password"]));
    let id = id_of(&place, ADA);
    succeeded(&place.run(&["user", "delete", ADA, "--yes"]));
    let events = parsed(&succeeded(&place.run(&["audit", "tail", "--account", &id, "--json"])));
    assert_eq!(names(&events), ["account_erased"]);
    assert_eq!(events[0]["device"], "fastauth command line");
    assert_eq!(place.run(&["audit", "tail", "--account", ADA]).status.code(), Some(3));
}

/// Waits until the trail that is followed has so many events.
fn wait_for_events(program: &Program, count: usize) {
    let started = Instant::now();
    while program.output().lines().count() < count {
        assert!(started.elapsed() < PATIENCE, "{}{}", program.output(), program.errors());
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn whoever_follows_the_trail_sees_each_event_once_until_ctrl_c() {
    let place = Place::new();
    succeeded(&place.run(&["user", "create", "--email", ADA, "--no-password"]));
    let words = ["audit", "tail", "--follow", "--json", "--account", ADA];
    let mut follower = place.spawn(&mut place.command(&words));
    wait_for_events(&follower, 1);
    succeeded(&place.run(&["user", "create", "--email", "bea@example.com", "--no-password"]));
    succeeded(&place.run(&["user", "disable", ADA]));
    wait_for_events(&follower, 2);
    succeeded(&place.run(&["user", "enable", ADA]));
    wait_for_events(&follower, 3);
    follower.send(Signal::INT);
    assert_eq!(follower.wait().code(), Some(0));
    let events = parsed(&follower.output());
    assert_eq!(names(&events), ["registered", "account_disabled", "account_enabled"]);
}
