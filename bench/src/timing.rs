//! Whether anybody can tell by the time of an answer what they are not told.
//!
//! Cases that are answered alike are asked for in turns, in an order that is drawn anew each time, on one
//! connection to a server that does nothing else. A network in between would hide what is seen here.

mod compared;
mod report;

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, process::Command, time::sleep};

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
const SETTINGS: [(&str, &str); 7] = [
    ("SECRET_KEY", SECRET_KEY),
    ("REQUIRE_EMAIL_VERIFICATION", "true"),
    ("EMAIL_PROVIDER", "memory"),
    ("MAX_WRONG_PASSWORDS", "off"),
    ("RATE_LIMIT_RESEND", "off"),
    ("RATE_LIMIT_RESET", "off"),
    ("EMAIL_LINKS_PER_RECIPIENT", "off"),
];

/// Nothing is left to be done after this.
const LOGIN_REFUSED: u16 = 401;
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
    let settings: Vec<_> = [("DATABASE_URL", url)].into_iter().chain(SETTINGS).collect();
    let server = Server::fastauth(plan.server, &settings).await?;
    let run = async |arguments: &[&str]| command(plan.server, &settings, arguments).await;
    for (email, is_verified) in [
        ("verified@example.com", true),
        ("pending@example.com", false),
        ("closed@example.com", true),
    ] {
        let verified = is_verified.then_some("--verified");
        let arguments = ["user", "create", "--email", email];
        run(&arguments.into_iter().chain(verified).collect::<Vec<_>>()).await?;
    }
    run(&["user", "disable", "closed@example.com"]).await?;
    let mut connection = Connection::open(server.port).await?;
    let mut questions = questions();
    let mut draw = Draw::seeded(1);
    for question in &mut questions {
        question.ask(&mut connection, plan.samples, &mut draw).await?;
    }
    Ok(questions)
}

/// Runs a command of the server, beside it.
async fn command(
    server: &Path,
    settings: &[(&str, &str)],
    arguments: &[&str],
) -> Result<(), Failure> {
    let mut process = Command::new(server)
        .args(arguments)
        .envs(settings.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut input) = process.stdin.take() {
        // A command that asks for no password has closed it.
        let _ = input.write_all(PASSWORD.as_bytes()).await;
    }
    let status = process.wait().await?;
    if status.success() { Ok(()) } else { Err(format!("{arguments:?} failed: {status}").into()) }
}

fn questions() -> Vec<Question> {
    let login = |name, email: &'static str, password: &'static str| {
        Case::new(name, move |_| json!({ "email": email, "password": password }))
    };
    let link = |name, email: &'static str| Case::new(name, move |_| json!({ "email": email }));
    vec![
        Question {
            name: "login",
            path: "/auth/login",
            status: LOGIN_REFUSED,
            cases: vec![
                login("nobody", "nobody@example.com", "wrong password"),
                login("wrong password", "verified@example.com", "wrong password"),
                login("not verified", "pending@example.com", "wrong password"),
                login("closed, right password", "closed@example.com", PASSWORD),
            ],
        },
        Question {
            name: "reset",
            path: "/auth/password-reset/request",
            status: 204,
            cases: vec![
                link("nobody", "nobody@example.com"),
                link("somebody", "verified@example.com"),
                link("closed", "closed@example.com"),
            ],
        },
        Question {
            name: "resend",
            path: "/auth/email-verification/resend",
            status: 204,
            cases: vec![
                link("nobody", "nobody@example.com"),
                link("not verified", "pending@example.com"),
                link("verified", "verified@example.com"),
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
    async fn ask(
        &mut self,
        connection: &mut Connection,
        samples: usize,
        draw: &mut Draw,
    ) -> Result<(), Failure> {
        let mut order: Vec<usize> = (0..self.cases.len()).collect();
        for nth in 0..samples {
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
