//! What guessing passwords comes to, in any order of rights and wrongs.

use std::{collections::HashMap, num::NonZeroU32, time::Duration};

use fastauth_domain::{
    email::EmailAddress,
    gate::{VerificationRule, admit},
    guess::{Guess, GuessLimits, forgive, is_known},
    limit::{Change, Rate, Reached, TooManyAttempts},
    session::{Persistence, Session},
    time::Timestamp,
    visitor::Origin,
};
use proptest::prelude::*;

use crate::support::{MINUTE, POLICY, account, address, at, moment};

const HOME: &str = "203.0.113.7";
const AWAY: &str = "198.51.100.66";

fn limits() -> GuessLimits {
    GuessLimits { rate: Rate::new(5, MINUTE), most: NonZeroU32::new(100) }
}

fn origin(address: &str) -> Origin {
    Origin { address: Some(address.parse().unwrap()), ..Origin::default() }
}

/// What is counted, as the simplest of stores keeps it.
#[derive(Default)]
struct Counted(HashMap<String, Timestamp>);

impl Counted {
    /// An attempt from somewhere, at an account that knows only home.
    fn attempt(&mut self, from: &str, now: Timestamp) -> Result<Guess, TooManyAttempts> {
        let mut guess = Guess::at_sign_in(limits(), address().key(), &origin(from));
        while let Err(reached) = self.take(&guess, now) {
            guess = guess.without(&reached, from == HOME, now)?;
        }
        Ok(guess)
    }

    fn take(&mut self, guess: &Guess, now: Timestamp) -> Result<(), Reached> {
        let buckets = guess.buckets();
        let take = |bucket: &fastauth_domain::limit::Bucket| {
            let due = bucket.rate.take(self.0.get(&bucket.name).copied(), now);
            due.map_err(|full| Reached { bucket: bucket.clone(), until: full.until })
        };
        let dues = buckets.iter().map(take).collect::<Result<Vec<_>, _>>()?;
        self.0.extend(buckets.into_iter().map(|bucket| bucket.name).zip(dues));
        Ok(())
    }

    fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Forget(names) => self.0.retain(|name, _| !names.contains(name)),
                Change::GiveBack(bucket) => {
                    if let Some(due) = self.0.get_mut(&bucket.name) {
                        *due = due.minus(bucket.rate.interval());
                    }
                }
            }
        }
    }
}

/// So many minutes later.
fn minutes(count: u32) -> Timestamp {
    at(MINUTE * count)
}

#[test]
fn nothing_is_counted_under_an_address_that_can_be_read() {
    let guess = Guess::at_sign_in(limits(), address().key(), &origin(HOME));
    let again = Guess::when_signed_in(limits(), address().key());
    for bucket in guess.buckets().iter().chain(&again.buckets()) {
        assert!(!bucket.name.contains("user"), "{}", bucket.name);
        assert!(bucket.name.len() <= fastauth_domain::limit::Bucket::MAX_LENGTH);
    }
}

#[test]
fn every_spelling_of_an_address_is_counted_together_and_every_client_apart() {
    let buckets = |email: &str, from: &str| {
        let email = EmailAddress::parse(email).unwrap();
        Guess::at_sign_in(limits(), email.key(), &origin(from)).buckets()
    };
    assert_eq!(buckets("User@Example.com", HOME), buckets("user@example.com", HOME));
    let (home, away) = (buckets("user@example.com", HOME), buckets("user@example.com", AWAY));
    assert_eq!(home.iter().filter(|bucket| away.contains(bucket)).count(), 2);
}

#[test]
fn without_limits_nothing_is_counted() {
    let guess = Guess::at_sign_in(GuessLimits::default(), address().key(), &origin(HOME));
    assert!(guess.buckets().is_empty() && guess.was_right().is_empty());
}

#[test]
fn a_client_without_an_address_is_one_client_and_known_to_nobody() {
    let guess = Guess::at_sign_in(limits(), address().key(), &Origin::default());
    assert_eq!(guess.buckets().len(), 4);
    let (account, mut moment) = (account(), moment(MINUTE));
    let active = admit(&account, VerificationRule::Optional).unwrap();
    let (session, _) = active.open_session(Persistence::Normal, &POLICY, &mut moment);
    assert!(!is_known(std::slice::from_ref(&session), &Origin::default()));
    let at_home = Session { origin: origin(HOME), ..session };
    assert!(is_known(std::slice::from_ref(&at_home), &origin("::ffff:203.0.113.7")));
    assert!(!is_known(&[at_home], &origin(AWAY)));
}

#[test]
fn a_locked_account_stays_locked_for_strangers_whatever_its_owner_does_at_home() {
    let mut counted = Counted::default();
    for minute in 0..100 {
        assert!(!counted.attempt(AWAY, minutes(minute)).unwrap().is_locked());
    }
    assert!(counted.attempt(AWAY, minutes(200)).unwrap().is_locked());
    let home = counted.attempt(HOME, minutes(201)).unwrap();
    assert!(!home.is_locked());
    counted.apply(home.was_right());
    assert!(counted.attempt(AWAY, minutes(202)).unwrap().is_locked());
    counted.apply(vec![forgive(address().key(), &origin(HOME))]);
    assert!(!counted.attempt("192.0.2.1", minutes(203)).unwrap().is_locked());
    assert!(counted.attempt(AWAY, minutes(204)).unwrap().is_locked(), "it has its own count");
}

#[test]
fn an_attempt_that_was_none_leaves_everything_as_it_was() {
    let mut counted = Counted::default();
    counted.attempt(AWAY, at(Duration::ZERO)).unwrap();
    let before = counted.0.clone();
    let guess = counted.attempt(AWAY, at(Duration::ZERO)).unwrap();
    counted.apply(guess.was_none());
    assert_eq!(counted.0, before);
}

proptest! {
    #[test]
    fn no_history_gives_a_stranger_more_guesses_in_a_row_than_there_are(
        waits in proptest::collection::vec(0_u64..200, 1..600)
    ) {
        let (mut counted, mut looked_at, mut passed) = (Counted::default(), 0, 0);
        for wait in waits {
            passed += wait;
            let now = at(Duration::from_secs(passed));
            if counted.attempt(AWAY, now).is_ok_and(|guess| !guess.is_locked()) {
                looked_at += 1;
            }
        }
        prop_assert!(looked_at <= 100);
        prop_assert!(looked_at <= 5 + passed / 12);
    }

    #[test]
    fn strangers_never_keep_somebody_out_who_is_known(
        strangers in proptest::collection::vec((1_u8..250, 0_u64..20), 1..400)
    ) {
        let (mut counted, mut passed) = (Counted::default(), 0);
        for (stranger, wait) in strangers {
            passed += wait;
            let now = at(Duration::from_secs(passed));
            let _ = counted.attempt(&format!("198.51.100.{stranger}"), now);
            let home = counted.attempt(HOME, now);
            prop_assert!(home.as_ref().is_ok_and(|guess| !guess.is_locked()));
            counted.apply(home.unwrap().was_right());
        }
    }
}
