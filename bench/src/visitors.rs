//! Connections over which people of a whole population come, drawn anew for each request.

use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    Failure,
    client::Connection,
    draw::Draw,
    load::Worker,
    people::{PASSWORD, People},
};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Login,
    Refresh,
    Me,
}

impl Work {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Login => "logins",
            Self::Refresh => "refreshes",
            Self::Me => "`GET /auth/me`",
        }
    }
}

/// One connection. Whoever signs in is anybody; who refreshes or reads is one of those who belong
/// to this connection alone, because a refresh token must not come twice.
pub(crate) struct Visitors {
    connection: Connection,
    draw: Draw,
    people: People,
    signed_in: Vec<SignedIn>,
}

struct SignedIn {
    access_token: String,
    refresh_token: String,
}

impl Visitors {
    /// Connections to a server, one for each of these groups of numbers.
    pub(crate) async fn open(
        port: u16,
        people: People,
        groups: Vec<Vec<usize>>,
    ) -> Result<Vec<Self>, Failure> {
        let mut tasks = JoinSet::new();
        for (seed, group) in (0..).zip(groups) {
            tasks.spawn(Self::arrive(port, people, group, Draw::seeded(seed)));
        }
        let mut all = Vec::new();
        while let Some(visitors) = tasks.join_next().await {
            all.push(visitors??);
        }
        Ok(all)
    }

    /// Refreshes everybody's first token, for the second one and an access token.
    async fn arrive(
        port: u16,
        people: People,
        numbers: Vec<usize>,
        draw: Draw,
    ) -> Result<Self, Failure> {
        let connection = Connection::open(port).await?;
        let mut visitors = Self { connection, draw, people, signed_in: Vec::new() };
        for number in numbers {
            let signed_in = visitors.refresh(&people.refresh_token(number)?).await?;
            visitors.signed_in.push(signed_in);
        }
        Ok(visitors)
    }

    async fn refresh(&mut self, refresh_token: &str) -> Result<SignedIn, Failure> {
        let body = json!({ "refresh_token": refresh_token });
        let answer = self.connection.post("/auth/refresh", &body).await?;
        answer.expect(200, "/auth/refresh")?;
        let access_token = answer.member("access_token")?;
        Ok(SignedIn { access_token, refresh_token: answer.member("refresh_token")? })
    }

    /// Somebody who is signed in here, to be put back afterwards.
    fn anybody(&mut self) -> Result<SignedIn, Failure> {
        if self.signed_in.is_empty() {
            return Err("there are too few people for so many connections".into());
        }
        Ok(self.signed_in.swap_remove(self.draw.below(self.signed_in.len())))
    }
}

impl Worker for Visitors {
    type Work = Work;

    async fn perform(&mut self, work: Work) -> Result<(), Failure> {
        match work {
            Work::Login => {
                let email = People::email(self.draw.below(self.people.count));
                let body = json!({ "email": email, "password": PASSWORD });
                self.connection.post("/auth/login", &body).await?.expect(200, "/auth/login")?;
            }
            Work::Refresh => {
                let before = self.anybody()?;
                let after = self.refresh(&before.refresh_token).await?;
                self.signed_in.push(after);
            }
            Work::Me => {
                let one = self.anybody()?;
                let answer = self.connection.get("/auth/me", &one.access_token).await?;
                answer.expect(200, "/auth/me")?;
                self.signed_in.push(one);
            }
        }
        Ok(())
    }
}
