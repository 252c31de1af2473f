//! Callers of both instances who want the same thing at the same moment.

use reqwest::StatusCode;
use tokio::task::{JoinHandle, JoinSet};

use crate::{
    door::{Answer, Door},
    engine::Engine,
    pair::{Pair, RESET, VERIFY},
    people::{OLD, address},
};

/// How many ask for the same thing at once, half of them at each instance.
const CALLERS: usize = 8;
/// How many such things are asked for at once.
const AT_ONCE: usize = 8;

/// Registers so many people, and waits for nothing.
async fn register(pair: &Pair, count: usize) -> Vec<String> {
    let mut registering = JoinSet::new();
    for number in 0..count {
        let (door, email) = (pair.door(number % 2), address(&format!("user{number}")));
        registering.spawn(async move {
            assert_eq!(door.register(&email, OLD).await.status, StatusCode::CREATED);
            email
        });
    }
    registering.join_all().await
}

/// Callers who are on their way.
type Race = Vec<JoinHandle<Answer>>;

/// Sets all callers off, each to one of the two instances.
fn start<F>(pair: &Pair, request: impl Fn(usize, Door) -> F) -> Race
where
    F: Future<Output = Answer> + Send + 'static,
{
    (0..CALLERS).map(|caller| tokio::spawn(request(caller, pair.door(caller % 2)))).collect()
}

/// What the callers were answered, in order.
async fn finish(race: Race) -> Vec<Answer> {
    let mut answers = Vec::new();
    for caller in race {
        let answer = caller.await.unwrap();
        assert_eq!(answer.unanswered, 0, "{answer:?}");
        answers.push(answer);
    }
    answers
}

/// The one caller who was told yes, all others having been told that it was too late.
fn winner(answers: &[Answer], yes: StatusCode, no: StatusCode) -> usize {
    let winners = answers.iter().filter(|answer| answer.status == yes).count();
    let losers = answers.iter().filter(|answer| answer.status == no).count();
    assert_eq!((winners, losers), (1, CALLERS - 1), "{answers:?}");
    answers.iter().position(|answer| answer.status == yes).unwrap()
}

async fn a_link_verifies_an_address_once(engine: Engine) {
    const SECRETS: usize = 64;
    let pair = Pair::start(engine).await;
    register(&pair, SECRETS).await;
    let tokens: Vec<_> = pair.tokens(VERIFY, SECRETS).await.into_values().collect();
    for tokens in tokens.chunks(AT_ONCE) {
        let races: Vec<_> = tokens
            .iter()
            .map(|token| {
                start(&pair, move |_, door| {
                    let token = token.clone();
                    async move { door.verify(&token).await }
                })
            })
            .collect();
        for race in races {
            winner(&finish(race).await, StatusCode::NO_CONTENT, StatusCode::BAD_REQUEST);
        }
    }
    let verified = "SELECT COUNT(*) FROM account WHERE verified_at IS NOT NULL";
    assert_eq!(usize::try_from(pair.database.number(verified).await), Ok(SECRETS));
    pair.stop();
}

async fn a_link_sets_one_password_of_those_that_are_sent_with_it(engine: Engine) {
    const SECRETS: usize = 24;
    let password = |caller: usize| format!("the password of caller {caller}");
    let pair = Pair::start(engine).await;
    for email in register(&pair, SECRETS).await {
        assert_eq!(pair.doors(0).request_reset(&email).await.status, StatusCode::NO_CONTENT);
    }
    let tokens: Vec<_> = pair.tokens(RESET, SECRETS).await.into_iter().collect();
    for tokens in tokens.chunks(AT_ONCE) {
        let races: Vec<_> = tokens
            .iter()
            .map(|(_, token)| {
                start(&pair, move |caller, door| {
                    let token = token.clone();
                    async move { door.reset(&token, &password(caller)).await }
                })
            })
            .collect();
        for ((email, _), race) in tokens.iter().zip(races) {
            let winner =
                winner(&finish(race).await, StatusCode::NO_CONTENT, StatusCode::BAD_REQUEST);
            let door = pair.door((winner + 1) % 2);
            let (right, wrong) = (password(winner), password((winner + 1) % CALLERS));
            assert_eq!(door.login(email, &right).await.status, StatusCode::OK);
            assert_eq!(door.login(email, &wrong).await.status, StatusCode::UNAUTHORIZED);
        }
    }
    pair.stop();
}

async fn of_changes_of_one_password_at_once_one_is_made(engine: Engine) {
    const PEOPLE: usize = 16;
    let password = |caller: usize| format!("the password of caller {caller}");
    let pair = Pair::start(engine).await;
    let people = register(&pair, PEOPLE).await;
    for people in people.chunks(AT_ONCE) {
        let mut races = Vec::new();
        for email in people {
            let access = pair.door(0).login(email, OLD).await.access_token();
            let race = start(&pair, |caller, door| {
                let access = access.clone();
                async move { door.change(&access, OLD, &password(caller)).await }
            });
            races.push((email, race));
        }
        for (email, race) in races {
            let winner = winner(&finish(race).await, StatusCode::OK, StatusCode::BAD_REQUEST);
            let door = pair.door((winner + 1) % 2);
            assert_eq!(door.login(email, &password(winner)).await.status, StatusCode::OK);
            for old in [OLD, &password((winner + 1) % CALLERS)] {
                assert_eq!(door.login(email, old).await.status, StatusCode::UNAUTHORIZED);
            }
        }
    }
    let changed = "SELECT COUNT(*) FROM audit_event WHERE kind = 'password_changed'";
    assert_eq!(usize::try_from(pair.database.number(changed).await), Ok(PEOPLE));
    pair.stop();
}

async fn an_address_is_registered_once_in_all_of_its_spellings(engine: Engine) {
    let spellings = |name: &str| {
        let local = [name.to_owned(), name.to_uppercase()];
        let domain =
            ["bücher.example", "BÜCHER.example", "xn--bcher-kva.EXAMPLE", "bu\u{308}cher.example"];
        local.map(|local| domain.map(|domain| format!("{local}@{domain}"))).concat()
    };
    let pair = Pair::start(engine).await;
    for name in ["ada", "bob", "cleo", "dan", "eve", "jose", "jo"] {
        let spellings = spellings(name);
        assert_eq!(spellings.len(), CALLERS);
        let race = start(&pair, |caller, door| {
            let email = spellings[caller].clone();
            async move { door.register(&email, OLD).await }
        });
        winner(&finish(race).await, StatusCode::CREATED, StatusCode::CONFLICT);
        for spelling in &spellings {
            assert_eq!(pair.doors(0).login(spelling, OLD).await.status, StatusCode::OK);
        }
    }
    // Somebody else's, whatever a database makes of accents.
    let door = pair.door(0);
    for email in ["josé@bücher.example", "jose@bucher.example", "jose\u{301}e@bücher.example"] {
        assert_eq!(door.register(email, OLD).await.status, StatusCode::CREATED, "{email}");
    }
    pair.stop();
}

async fn a_refresh_token_earns_everybody_the_same_successor(engine: Engine) {
    let pair = Pair::start(engine).await;
    let session = pair.door(0).register(&address("user"), OLD).await;
    let mut token = session.refresh_token();
    for _ in 0..32 {
        let race = start(&pair, |_, door| {
            let token = token.clone();
            async move { door.refresh(&token).await }
        });
        let successors: Vec<_> = finish(race).await.iter().map(Answer::refresh_token).collect();
        assert!(successors.iter().all(|it| *it == successors[0] && *it != token), "{successors:?}");
        token.clone_from(&successors[0]);
    }
    assert_eq!(pair.door(1).me(&session.access_token()).await.status, StatusCode::OK);
    pair.stop();
}

everywhere! {
    a_link_verifies_an_address_once,
    a_link_sets_one_password_of_those_that_are_sent_with_it,
    of_changes_of_one_password_at_once_one_is_made,
    an_address_is_registered_once_in_all_of_its_spellings,
    a_refresh_token_earns_everybody_the_same_successor,
}
