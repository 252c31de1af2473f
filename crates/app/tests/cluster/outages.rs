//! A database server that goes away and comes back.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    database::Database,
    door::{Answer, Door, credentials},
    engine::Engine,
    pair::{Pair, RESET},
    people::{OLD, address, arrive, live, nothing_is_double},
    proxy::Proxy,
};

/// How soon after the database everything is back.
const RECOVERY: Duration = Duration::from_secs(2);
/// How long a request may take that is turned away: a second for a connection, one for a statement,
/// and something for a busy machine.
const TURNED_AWAY: Duration = Duration::from_secs(5);

/// Two instances, of which the first has a proxy before its database.
pub(crate) async fn start(engine: Engine) -> (Pair, Proxy) {
    start_with(engine, &[]).await
}

/// The same with more settings.
pub(crate) async fn start_with(engine: Engine, more: &[(&str, &str)]) -> (Pair, Proxy) {
    let database = Database::new(engine).await;
    let proxy = Proxy::to(database.server().to_owned()).await;
    let urls = [database.url_through(proxy.port), database.url().to_owned()];
    let few = [
        ("DATABASE_ACQUIRE_TIMEOUT_SECONDS", "1"),
        ("DATABASE_STATEMENT_TIMEOUT_SECONDS", "1"),
        ("LOG", "off"),
    ];
    let settings = [&few, more].concat();
    (Pair::start_on(database, urls.each_ref().map(String::as_str), &settings), proxy)
}

async fn a_server_that_is_gone_and_comes_back(engine: Engine) {
    let (pair, proxy) = start(engine).await;
    let visitor = Visitor::arrive(&pair).await;
    for _ in 0..2 {
        proxy.refuse().await;
        visitor.is_turned_away().await;
        proxy.open().await;
        visitor.is_served_again().await;
    }
    pair.stop();
}

async fn a_server_that_hangs_and_answers_again(engine: Engine) {
    let (pair, proxy) = start(engine).await;
    let visitor = Visitor::arrive(&pair).await;
    for _ in 0..2 {
        proxy.stall();
        visitor.is_turned_away().await;
        proxy.open().await;
        visitor.is_served_again().await;
    }
    pair.stop();
}

async fn connections_that_break_again_and_again(engine: Engine) {
    const PEOPLE: usize = 16;
    let (pair, proxy) = start(engine).await;
    let people = arrive(&pair, PEOPLE).await;
    let living = tokio::spawn(live(people));
    while !living.is_finished() {
        tokio::time::sleep(Duration::from_millis(40)).await;
        proxy.cut();
    }
    living.await.unwrap();
    nothing_is_double(&pair, PEOPLE).await;
    pair.stop();
}

async fn connections_that_the_server_ends_again_and_again(engine: Engine) {
    const PEOPLE: usize = 16;
    let pair = Pair::start_with(engine, &[("LOG", "off")]).await;
    let people = arrive(&pair, PEOPLE).await;
    let living = tokio::spawn(live(people));
    let mut ended = 0;
    while !living.is_finished() {
        tokio::time::sleep(Duration::from_millis(200)).await;
        ended += pair.database.end_connections().await;
    }
    living.await.unwrap();
    assert!(ended > 0, "there was no connection to end");
    nothing_is_double(&pair, PEOPLE).await;
    pair.stop();
}

/// Somebody at the instance whose database is in trouble.
struct Visitor {
    door: Door,
    tokens: Answer,
    reset: String,
}

impl Visitor {
    async fn arrive(pair: &Pair) -> Self {
        let (door, email) = (pair.door(0), address("visitor"));
        let tokens = door.register(&email, OLD).await;
        assert_eq!(door.request_reset(&email).await.status, StatusCode::NO_CONTENT);
        Self { tokens, door, reset: pair.token(RESET, &email).await }
    }

    /// Everything that needs the database is refused for now, and soon; the rest goes on.
    async fn is_turned_away(&self) {
        let refresh = json!({ "refresh_token": self.tokens.refresh_token() });
        let reset = json!({ "token": self.reset, "new_password": "never to be accepted" });
        let email = json!({ "email": address("visitor") });
        let requests = [
            ("/auth/register", credentials(&address("newcomer"), OLD)),
            ("/auth/login", credentials(&address("visitor"), OLD)),
            ("/auth/refresh", refresh.clone()),
            ("/auth/logout", refresh),
            ("/auth/password-reset/request", email.clone()),
            ("/auth/password-reset/confirm", reset),
            ("/auth/email-verification/request", email),
        ];
        let started = Instant::now();
        let all = requests.iter().map(|(path, body)| async move {
            let answer = self.door.try_post(path, body).await.unwrap();
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {answer:?}");
            assert_eq!(answer.body["code"], "unavailable");
        });
        for request in all {
            request.await;
            assert_eq!(self.door.get("/health/live").await, StatusCode::OK);
        }
        let ready = self.door.get("/health/ready").await;
        assert_eq!(ready, StatusCode::SERVICE_UNAVAILABLE);
        let slowest = TURNED_AWAY * u32::try_from(requests.len() + 1).unwrap();
        assert!(started.elapsed() < slowest, "{:?}", started.elapsed());
        let forged = json!({ "refresh_token": "fa_refresh_forged" });
        let answer = self.door.try_post("/auth/refresh", &forged).await.unwrap();
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "that takes no database: {answer:?}");
    }

    /// Everything works soon, and nothing that was turned away has left anything behind.
    async fn is_served_again(&self) {
        let back = Instant::now();
        while self.door.get("/health/ready").await != StatusCode::OK {
            assert!(back.elapsed() < RECOVERY, "it is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let login = self.door.login(&address("visitor"), OLD).await;
        assert_eq!((login.status, login.unanswered), (StatusCode::OK, 0));
        assert!(back.elapsed() < RECOVERY, "{:?}", back.elapsed());
        let answer = self.door.login(&address("newcomer"), OLD).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
        let answer = self.door.me(&self.tokens.access_token()).await;
        assert_eq!((answer.status, answer.unanswered), (StatusCode::OK, 0), "{answer:?}");
        assert_eq!(self.door.refresh(&login.refresh_token()).await.status, StatusCode::OK);
    }
}

on_servers! {
    a_server_that_is_gone_and_comes_back,
    a_server_that_hangs_and_answers_again,
    connections_that_break_again_and_again,
    connections_that_the_server_ends_again_and_again,
}
