//! Mail of two instances, handed to somebody who takes it, refuses it for a while, or does not answer.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Json, Router, extract::State, http::StatusCode as Status, routing::post};
use reqwest::StatusCode;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    database::Database,
    engine::Engine,
    pair::Pair,
    people::{OLD, address},
    place::PATIENCE,
};

const SECRET: &str = "whsec_QSBrZXkgdGhhdCBvbmx5IHRoZSB0d28gb2YgdXMga25vdw==";

/// Takes mail at a URL.
#[derive(Clone)]
struct Receiver {
    port: u16,
    state: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    mood: Mood,
    /// Each mail that came, also what was refused afterwards.
    mails: Vec<Mail>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Mood {
    #[default]
    Well,
    Down,
    Silent,
}

#[derive(Clone)]
struct Mail {
    id: String,
    to: String,
    token: String,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let receiver = Self { port, state: Arc::default() };
        let router = Router::new().route("/", post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    fn be(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    fn mails(&self) -> Vec<Mail> {
        self.state.lock().unwrap().mails.clone()
    }

    fn recipients(&self) -> BTreeSet<String> {
        self.mails().into_iter().map(|mail| mail.to).collect()
    }

    async fn wait_for(&self, recipients: usize) {
        let started = Instant::now();
        while self.recipients().len() < recipients {
            let count = self.recipients().len();
            assert!(started.elapsed() < PATIENCE, "{count} of {recipients}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Two instances that hand their mail to this.
    async fn pair(&self, engine: Engine) -> Pair {
        let database = Database::new(engine).await;
        let url = database.url().to_owned();
        let receiver = format!("http://127.0.0.1:{}/", self.port);
        let settings = [
            ("EMAIL_PROVIDER", "webhook"),
            ("EMAIL_WEBHOOK_URL", receiver.as_str()),
            ("EMAIL_WEBHOOK_SECRET", SECRET),
            ("LOG", "off"),
        ];
        Pair::start_on(database, [&url, &url], &settings)
    }
}

async fn take(State(receiver): State<Receiver>, Json(body): Json<Value>) -> Status {
    let text = |name: &str| body["data"][name].as_str().unwrap().to_owned();
    let letter = text("text");
    let token = letter.split("token=").nth(1).unwrap().split_whitespace().next().unwrap();
    let mail = Mail { id: text("id"), to: text("to"), token: token.to_owned() };
    let mood = {
        let mut state = receiver.state.lock().unwrap();
        if state.mood != Mood::Down {
            state.mails.push(mail);
        }
        state.mood
    };
    match mood {
        Mood::Well => Status::OK,
        Mood::Down => Status::SERVICE_UNAVAILABLE,
        Mood::Silent => std::future::pending().await,
    }
}

async fn register(pair: &Pair, names: &str, count: usize) {
    let mut registering = JoinSet::new();
    for number in 0..count {
        let (door, email) = (pair.door(number % 2), address(&format!("{names}{number}")));
        registering.spawn(async move {
            let answer = door.register(&email, OLD).await;
            assert_eq!((answer.status, answer.unanswered), (StatusCode::CREATED, 0));
        });
    }
    registering.join_all().await;
}

async fn each_mail_is_sent_once_while_all_is_well(engine: Engine) {
    const PEOPLE: usize = 80;
    let receiver = Receiver::start().await;
    let pair = receiver.pair(engine).await;
    register(&pair, "person", PEOPLE).await;
    receiver.wait_for(PEOPLE).await;
    let ids: BTreeSet<_> = receiver.mails().into_iter().map(|mail| mail.id).collect();
    pair.stop();
    assert_eq!((receiver.mails().len(), ids.len()), (PEOPLE, PEOPLE));
}

async fn whoever_sends_mail_may_be_down_for_a_while(engine: Engine) {
    const PEOPLE: usize = 24;
    let receiver = Receiver::start().await;
    let pair = receiver.pair(engine).await;
    receiver.be(Mood::Down);
    register(&pair, "person", PEOPLE).await;
    let waiting = pair.door(0).get_json("/health/ready").await["mail"]["waiting"].clone();
    assert_eq!(waiting.as_u64(), Some(PEOPLE as u64));
    assert!(receiver.mails().is_empty());
    receiver.be(Mood::Well);
    receiver.wait_for(PEOPLE).await;
    pair.stop();
    assert_eq!(receiver.mails().len(), PEOPLE);
}

async fn an_instance_that_dies_between_sending_and_noting_it_is_replaced(engine: Engine) {
    let receiver = Receiver::start().await;
    let mut pair = receiver.pair(engine).await;
    receiver.be(Mood::Silent);
    register(&pair, "person", 1).await;
    receiver.wait_for(1).await;
    for instance in [0, 1] {
        pair.kill(instance);
    }
    receiver.be(Mood::Well);
    // As if the time had passed for which the mail was left to its sender.
    pair.database.execute("UPDATE outbox SET due_at = 0").await;
    pair.restart(1);
    let started = Instant::now();
    while receiver.mails().len() < 2 {
        assert!(started.elapsed() < PATIENCE, "it is not sent again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mails = receiver.mails();
    let [first, second] = mails.as_slice() else { unreachable!("it was sent too often") };
    assert_eq!((&first.id, &first.token), (&second.id, &second.token));
    let door = pair.door(1);
    assert_eq!(door.verify(&first.token).await.status, StatusCode::NO_CONTENT);
    assert_eq!(door.verify(&second.token).await.status, StatusCode::BAD_REQUEST);
    pair.restart(0);
    pair.stop();
}

everywhere! {
    each_mail_is_sent_once_while_all_is_well,
    whoever_sends_mail_may_be_down_for_a_while,
    an_instance_that_dies_between_sending_and_noting_it_is_replaced,
}
