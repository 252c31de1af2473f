//! A few people who have registered, each on a connection of their own.

use serde_json::{Value, json};

use crate::{Failure, client::Connection, load::Worker, people::PASSWORD};

/// What one connection does over and over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    Login,
    Register,
    Refresh,
    Me,
    Nothing,
}

/// One of them. The connection stays open over all rounds.
pub(crate) struct Person {
    connection: Connection,
    email: String,
    access_token: String,
    refresh_token: String,
    registered: u32,
}

/// People who register now.
pub(crate) async fn registered(port: u16, size: usize) -> Result<Vec<Person>, Failure> {
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
    Ok(people)
}

/// People at a server where nobody registers.
pub(crate) async fn strangers(port: u16, size: usize) -> Result<Vec<Person>, Failure> {
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
    Ok(people)
}

impl Worker for Person {
    type Work = Work;

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
                answer.expect(200, "/auth/me")?;
            }
            Work::Nothing => {
                self.connection.get("/", "").await?.expect(200, "/")?;
            }
        }
        Ok(())
    }
}

impl Person {
    async fn expect(&mut self, status: u16, path: &str, body: Value) -> Result<String, Failure> {
        let answer = self.connection.post(path, &body).await?;
        answer.expect(status, path)?;
        answer.member("refresh_token")
    }
}
