//! People who use everything, and who notice when a promise is broken.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::{
    door::{Answer, Door},
    pair::{Pair, RESET, VERIFY},
};

/// The password that everybody begins with.
pub(crate) const OLD: &str = "the password of before";

const CREATED: StatusCode = StatusCode::CREATED;
const DONE: StatusCode = StatusCode::OK;
const DONE_SILENTLY: StatusCode = StatusCode::NO_CONTENT;
const REFUSED: StatusCode = StatusCode::UNAUTHORIZED;
const SPENT: StatusCode = StatusCode::BAD_REQUEST;
const TAKEN: StatusCode = StatusCode::CONFLICT;

/// Somebody with an account, and with a link of each kind in their mailbox.
pub(crate) struct Person {
    name: String,
    verification: String,
    reset: String,
    door: Door,
    other_door: Door,
}

/// Has so many people register and forget their passwords.
pub(crate) async fn arrive(pair: &Pair, count: usize) -> Vec<Person> {
    let mut arriving = JoinSet::new();
    for number in 0..count {
        let (door, email) = (pair.doors(number), address(&format!("person{number}")));
        arriving.spawn(async move {
            assert_eq!(door.register(&email, OLD).await.status, CREATED);
            assert_eq!(door.request_reset(&email).await.status, DONE_SILENTLY);
        });
    }
    arriving.join_all().await;
    let mut verifications = pair.tokens(VERIFY, count).await;
    let mut resets = pair.tokens(RESET, count).await;
    let person = |number| {
        let name = format!("person{number}");
        let verification = verifications.remove(&address(&name)).unwrap();
        let reset = resets.remove(&address(&name)).unwrap();
        let (door, other_door) = (pair.doors(number), pair.doors(number + 1));
        Person { name, verification, reset, door, other_door }
    };
    (0..count).map(person).collect()
}

/// Has people do all there is to do, at the same time, and says how often they had to ask again.
pub(crate) async fn live(people: Vec<Person>) -> u32 {
    let mut living = JoinSet::new();
    for person in people {
        living.spawn(async move { person.live().await });
    }
    living.join_all().await.into_iter().sum()
}

/// Checks that each thing that each of so many people did is there once.
pub(crate) async fn nothing_is_double(pair: &Pair, count: usize) {
    let events = async |kind: &str| {
        let query = format!("SELECT COUNT(*) FROM audit_event WHERE kind = '{kind}'");
        pair.database.number(&query).await
    };
    let count = i64::try_from(count).unwrap();
    let accounts = pair.database.number("SELECT COUNT(*) FROM account").await;
    // Each of them registered a friend.
    assert_eq!((accounts, events("registered").await), (2 * count, 2 * count));
    assert_eq!(events("email_verified").await, count);
    assert_eq!(events("password_reset").await, count);
    assert_eq!(events("refresh_token_reused").await, 0);
}

impl Person {
    async fn live(self) -> u32 {
        let mut unanswered = 0;
        let mut heard = |answer: Answer| {
            unanswered += answer.unanswered;
            answer
        };
        let friend = address(&format!("friend-of-{}", self.name));
        let answer = heard(self.door.register(&friend, OLD).await);
        assert!(answer.is(CREATED, TAKEN), "{answer:?}");
        let answer = heard(self.other_door.verify(&self.verification).await);
        assert!(answer.is(DONE_SILENTLY, SPENT), "{answer:?}");

        let ended = heard(self.login(OLD).await).refresh_token();
        assert_eq!(heard(self.other_door.logout(&ended).await).status, DONE_SILENTLY);
        assert_eq!(heard(self.door.refresh(&ended).await).status, REFUSED);

        let session = heard(self.login(OLD).await);
        let mut token = session.refresh_token();
        for door in [&self.door, &self.other_door, &self.door, &self.other_door] {
            token = heard(door.refresh(&token).await).refresh_token();
        }
        let (password, asked_again) = self.reset().await;
        assert_eq!(heard(self.other_door.refresh(&token).await).status, REFUSED);
        assert_eq!(heard(self.other_door.me(&session.access_token()).await).status, REFUSED);
        assert_eq!(heard(self.login(OLD).await).status, REFUSED);
        let session = heard(self.login(&password).await);
        let token = heard(self.other_door.refresh(&session.refresh_token()).await);
        let answer = heard(self.door.me(&token.access_token()).await);
        assert_eq!(answer.body["email"], address(&self.name).as_str(), "{answer:?}");
        assert_eq!(heard(self.other_door.login(&friend, OLD).await).status, DONE);
        unanswered + asked_again
    }

    async fn login(&self, password: &str) -> Answer {
        self.door.login(&address(&self.name), password).await
    }

    /// Resets the password from two places at once, one of which may succeed, and gives the password
    /// that counts then.
    async fn reset(&self) -> (String, u32) {
        let passwords = ["this is the new password", "that is the new password"];
        let answers = tokio::join!(
            self.door.reset(&self.reset, passwords[0]),
            self.other_door.reset(&self.reset, passwords[1]),
        );
        let answers = [answers.0, answers.1];
        let unanswered = answers[0].unanswered + answers[1].unanswered;
        let succeeded = answers.each_ref().map(|answer| answer.status == DONE_SILENTLY);
        assert!(
            answers.iter().all(|it| [DONE_SILENTLY, SPENT].contains(&it.status)),
            "{answers:?}"
        );
        assert!(succeeded != [true, true], "{answers:?}");
        assert!(succeeded != [false, false] || unanswered > 0, "{answers:?}");
        let accepted = [
            self.login(passwords[0]).await.status == DONE,
            self.login(passwords[1]).await.status == DONE,
        ];
        assert!(accepted[0] != accepted[1], "{answers:?} {accepted:?}");
        assert!(succeeded == [false, false] || succeeded == accepted, "{answers:?} {accepted:?}");
        (passwords[usize::from(accepted[1])].to_owned(), unanswered)
    }
}

pub(crate) fn address(name: &str) -> String {
    format!("{name}@example.com")
}

/// A pause of some milliseconds below a bound, different for each call of a test and the same in each
/// run of it.
pub(crate) async fn pause(seed: usize, below: u64) {
    // Knuth's multiplicative hash keeps neighbouring numbers apart.
    let spread = (seed as u64 + 1).wrapping_mul(2_654_435_761) >> 7;
    tokio::time::sleep(Duration::from_millis(spread % below)).await;
}
