//! Whether anybody can tell by the time of an answer what they are not told.
//!
//! Cases that are answered alike are asked for in turns, in an order that is drawn anew each time, on one
//! connection to a server that does nothing else. A network in between would hide what is seen here.

mod classes;
mod compared;
mod report;

use std::{
    ops::Range,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::sleep;

use self::{classes::address, compared::compare};

pub(crate) use self::report::{insist, print};
use crate::{
    Failure,
    client::Connection,
    database::{Database, Store},
    draw::Draw,
    people::{PASSWORD, SECRET_KEY},
    server::Server,
};

/// Nobody is to be told to wait, nor to be left out.
const SETTINGS: [(&str, &str); 6] = [
    ("SECRET_KEY", SECRET_KEY),
    ("REQUIRE_EMAIL_VERIFICATION", "true"),
    ("EMAIL_PROVIDER", "memory"),
    ("RATE_LIMIT_RESEND", "off"),
    ("RATE_LIMIT_RESET", "off"),
    ("EMAIL_LINKS_PER_RECIPIENT", "off"),
];

/// Nothing is left to be done after this.
const LOGIN_REFUSED: u16 = 401;
/// By how much more is asked where cases are told apart: it is doubted once, and not twice.
const AGAIN: usize = 3;
/// How often each case is asked for before what was asked for is attended to, as far as that waits.
const BURST: usize = 10;
/// How long that takes at most: half a second until it begins, and the rest for the work.
const REST: Duration = Duration::from_millis(800);

/// What is measured.
pub(crate) struct Plan<'a> {
    pub(crate) server: &'a Path,
    pub(crate) store: Store,
    /// How often each case is asked for.
    pub(crate) samples: usize,
}

/// Cases that are to look alike, the first of which the others are compared with.
pub(crate) struct Question {
    pub(crate) name: &'static str,
    path: &'static str,
    status: u16,
    pub(crate) cases: Vec<Case>,
}

/// One of them.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// What is asked the so-manieth time.
    body: Box<dyn Fn(usize) -> Value + Send + Sync>,
    /// How long the answers took, in the order in which they came.
    pub(crate) times: Vec<Duration>,
}

/// Asks every question as often as planned.
pub(crate) async fn measure(plan: &Plan<'_>) -> Result<Vec<Question>, Failure> {
    let database = Database::create(plan.store, 0).await?;
    let measured = on(plan, &database.url).await;
    database.remove().await?;
    measured
}

async fn on(plan: &Plan<'_>, url: &str) -> Result<Vec<Question>, Failure> {
    // More than are tried at any account but the one that is to be locked.
    let most = plan.samples * (1 + AGAIN) + 1;
    let text = most.to_string();
    let own = [("DATABASE_URL", url), ("MAX_WRONG_PASSWORDS", text.as_str())];
    let settings: Vec<_> = own.into_iter().chain(SETTINGS).collect();
    let server = Server::fastauth(plan.server, &settings).await?;
    classes::arrive(plan.server, &server, &settings, most).await?;
    let mut connection = Connection::open(server.port).await?;
    let mut questions = questions();
    let mut draw = Draw::seeded(1);
    for question in &mut questions {
        question.ask(&mut connection, 0..plan.samples, &mut draw).await?;
        if question.told_apart().is_some() {
            let again = plan.samples..plan.samples * (1 + AGAIN);
            question.ask(&mut connection, again, &mut draw).await?;
        }
    }
    Ok(questions)
}

fn questions() -> Vec<Question> {
    logins().into_iter().chain(requests()).collect()
}

fn logins() -> [Question; 2] {
    let login = |name, class: &'static str, password: &'static str| {
        Case::new(name, move |_| json!({ "email": address(class), "password": password }))
    };
    [
        Question {
            name: "login",
            path: "/auth/login",
            status: LOGIN_REFUSED,
            cases: vec![
                login("nobody", "nobody", "wrong password"),
                login("wrong password", "verified", "wrong password"),
                login("not verified, wrong password", "pending", "wrong password"),
                login("closed, right password", "closed", PASSWORD),
                login("deleted, right password", "deleted", PASSWORD),
                login("without a password", "passwordless", PASSWORD),
            ],
        },
        // Whoever has guessed for too long is not told whom at.
        Question {
            name: "login that was tried too often",
            path: "/auth/login",
            status: LOGIN_REFUSED,
            cases: vec![
                login("nobody", "stranger", "wrong password"),
                login("locked, wrong password", "locked", "wrong password"),
                login("locked, right password", "locked", PASSWORD),
            ],
        },
    ]
}

/// What is asked for by mail.
fn requests() -> [Question; 3] {
    let link =
        |name, class: &'static str| Case::new(name, move |_| json!({ "email": address(class) }));
    [
        Question {
            name: "reset",
            path: "/auth/password-reset/request",
            status: 204,
            cases: vec![
                link("nobody", "nobody"),
                link("somebody", "verified"),
                link("closed", "closed"),
            ],
        },
        Question {
            name: "resend",
            path: "/auth/email-verification/resend",
            status: 204,
            cases: vec![
                link("nobody", "nobody"),
                link("not verified", "pending"),
                link("verified", "verified"),
            ],
        },
        Question {
            name: "register",
            path: "/auth/register",
            status: 202,
            cases: vec![
                Case::new(
                    "free",
                    |nth| json!({ "email": format!("new{nth:06}@example.com"), "password": PASSWORD }),
                ),
                Case::new(
                    "taken",
                    |_| json!({ "email": "verified@example.com", "password": PASSWORD }),
                ),
            ],
        },
    ]
}

impl Case {
    fn new(name: &'static str, body: impl Fn(usize) -> Value + Send + Sync + 'static) -> Self {
        Self { name, body: Box::new(body), times: Vec::new() }
    }
}

impl Question {
    /// The first case that is told apart from the one that it is to look like.
    fn told_apart(&self) -> Option<&Case> {
        let first = self.cases.first()?;
        self.cases.iter().find(|case| compare(&case.times, &first.times).differs())
    }

    /// Asks for each case so many times, and forgets what was asked before.
    async fn ask(
        &mut self,
        connection: &mut Connection,
        samples: Range<usize>,
        draw: &mut Draw,
    ) -> Result<(), Failure> {
        let mut order: Vec<usize> = (0..self.cases.len()).collect();
        self.cases.iter_mut().for_each(|case| case.times.clear());
        for nth in samples {
            if nth % BURST == 0 && self.status != LOGIN_REFUSED {
                sleep(REST).await;
            }
            for left in (1..order.len()).rev() {
                order.swap(left, draw.below(left + 1));
            }
            for &index in &order {
                let Some(case) = self.cases.get_mut(index) else { continue };
                let body = (case.body)(nth);
                let asked = Instant::now();
                let answer = connection.post(self.path, &body).await?;
                case.times.push(asked.elapsed());
                answer.expect(self.status, self.path)?;
            }
        }
        Ok(())
    }
}
