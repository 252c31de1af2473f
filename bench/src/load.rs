//! Closed-loop load: each connection sends its next request when the last one is answered.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use crate::{Failure, client::Connection};

/// What one connection does over and over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    Login,
    Register,
    Refresh,
    Me,
    Nothing,
}

/// What a measurement has shown.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
}

/// Connections that stay open over all rounds, each with a person of its own.
pub(crate) struct Crowd {
    people: Vec<Person>,
}

struct Person {
    connection: Connection,
    email: String,
    access_token: String,
    refresh_token: String,
    registered: u32,
}

const PASSWORD: &str = "securepassword123";

impl Crowd {
    /// People who have registered, each on a connection of their own.
    pub(crate) async fn registered(port: u16, size: usize) -> Result<Self, Failure> {
        let mut people = Vec::new();
        for number in 0..size {
            let mut connection = Connection::open(port).await?;
            let email = format!("person{number}of{size}@example.com");
            let body = json!({ "email": email, "password": PASSWORD });
            let answer = connection.post("/auth/register", &body).await?;
            let access_token = answer.member("access_token")?;
            let refresh_token = answer.member("refresh_token")?;
            people.push(Person { connection, email, access_token, refresh_token, registered: 0 });
        }
        Ok(Self { people })
    }

    /// Connections to a server where nobody registers.
    pub(crate) async fn strangers(port: u16, size: usize) -> Result<Self, Failure> {
        let mut people = Vec::new();
        for _ in 0..size {
            people.push(Person {
                connection: Connection::open(port).await?,
                email: String::new(),
                access_token: String::new(),
                refresh_token: String::new(),
                registered: 0,
            });
        }
        Ok(Self { people })
    }

    /// Everybody does the same work for a while.
    pub(crate) async fn measure(
        &mut self,
        work: Work,
        length: Duration,
    ) -> Result<Measured, Failure> {
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for mut person in self.people.drain(..) {
            tasks.spawn(async move {
                let mut latencies = Vec::new();
                while started.elapsed() < length {
                    let sent = Instant::now();
                    person.perform(work).await?;
                    latencies.push(sent.elapsed());
                }
                Ok::<_, Failure>((person, latencies))
            });
        }
        let mut latencies = Vec::new();
        while let Some(done) = tasks.join_next().await {
            let (person, own) = done??;
            self.people.push(person);
            latencies.extend(own);
        }
        Ok(summary(latencies, started.elapsed()))
    }
}

impl Person {
    async fn perform(&mut self, work: Work) -> Result<(), Failure> {
        match work {
            Work::Login => {
                let body = json!({ "email": self.email, "password": PASSWORD });
                self.expect(200, "/auth/login", body).await?;
            }
            Work::Register => {
                self.registered += 1;
                let email = format!("{}.{}", self.registered, self.email);
                let body = json!({ "email": email, "password": PASSWORD });
                self.expect(201, "/auth/register", body).await?;
            }
            Work::Refresh => {
                let body = json!({ "refresh_token": self.refresh_token });
                self.refresh_token = self.expect(200, "/auth/refresh", body).await?;
            }
            Work::Me => {
                let answer = self.connection.get("/auth/me", &self.access_token).await?;
                succeed(answer.status, 200, "/auth/me")?;
            }
            Work::Nothing => {
                let answer = self.connection.get("/", "").await?;
                succeed(answer.status, 200, "/")?;
            }
        }
        Ok(())
    }

    async fn expect(
        &mut self,
        status: u16,
        path: &str,
        body: serde_json::Value,
    ) -> Result<String, Failure> {
        let answer = self.connection.post(path, &body).await?;
        succeed(answer.status, status, path)?;
        answer.member("refresh_token")
    }
}

fn succeed(status: u16, expected: u16, path: &str) -> Result<(), Failure> {
    if status == expected { Ok(()) } else { Err(format!("{path} answered {status}").into()) }
}

fn summary(mut latencies: Vec<Duration>, elapsed: Duration) -> Measured {
    latencies.sort_unstable();
    let at = |percent: usize| {
        let index = latencies.len().saturating_sub(1) * percent / 100;
        latencies.get(index).copied().unwrap_or_default()
    };
    let count = u32::try_from(latencies.len()).unwrap_or(u32::MAX);
    let per_second = f64::from(count) / elapsed.as_secs_f64();
    Measured { per_second, median: at(50), p99: at(99) }
}
