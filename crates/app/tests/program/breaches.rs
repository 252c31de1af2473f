//! A server that asks a service which passwords are known from breaches.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    client::credentials,
    metrics::Watched,
    place::{Place, free_port},
    users::{create, printed, refused},
};

/// The SHA-1 of the password that everybody in these tests chooses.
const PREFIX: &str = "44CDF";
const SUFFIX: &str = "C3615970ADA14420CAAAA5C5745FCA06002";
const OTHER: &str = "00000000000000000000000000000000001";

/// A service on this machine, which answers any number of questions after a while.
struct Service {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Service {
    fn start(rows: &str, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let (notes, rows) = (Arc::clone(&heard), rows.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (notes, rows) = (Arc::clone(&notes), rows.clone());
                thread::spawn(move || attend(stream.unwrap(), &notes, &rows, pause));
            }
        });
        Self { port, heard }
    }

    /// A place whose server asks it.
    fn place(&self) -> Place {
        asking(self.port)
    }

    /// What it was asked since the last time, from the first octet to the last.
    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }
}

fn asking(port: u16) -> Place {
    Place::new().with("BREACHED_PASSWORDS_URL", &format!("http://127.0.0.1:{port}"))
}

fn attend(mut stream: TcpStream, heard: &Mutex<Vec<String>>, rows: &str, pause: Duration) {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let head: Vec<_> = lines.map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    heard.lock().unwrap().push(head.join("\n"));
    thread::sleep(pause);
    let head = "HTTP/1.1 200 OK\r\nconnection: close";
    // Whoever asked may be gone.
    let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{rows}", rows.len());
}

#[tokio::test]
async fn a_password_of_a_breach_is_refused_over_http_and_on_the_command_line() {
    let service = Service::start(&format!("{SUFFIX}:3\r\n{OTHER}:0"), Duration::ZERO);
    let watched = Watched::start(service.place().with("LOG", "trace"));
    let client = watched.program.client();
    let (status, answer) = client.post("/auth/register", &credentials("ada@example.com")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let error = &answer["errors"][0];
    assert_eq!((&error["field"], &error["code"]), (&json!("password"), &json!("breached")));
    let shown = watched.scrape().await;
    for (outcome, count) in [("clean", 0), ("breached", 1), ("unavailable", 0)] {
        let line = format!("fastauth_breach_searches_total{{outcome=\"{outcome}\"}} {count}");
        assert!(shown.contains(&line), "{shown}");
    }
    let logged = watched.program.errors();
    assert!(!logged.contains(PREFIX) && !logged.contains(SUFFIX), "{logged}");

    let (code, said) = refused(&create(&service.place(), "bob@example.com"));
    assert!(code == 4 && said.contains("the password is known from a data breach"), "{said}");
    let heard = service.heard();
    assert_eq!(heard.len(), 2);
    for request in heard {
        assert!(request.starts_with(&format!("GET /range/{PREFIX} HTTP/1.1\n")), "{request}");
        assert!(request.contains("add-padding: true"), "{request}");
        let told = request.to_ascii_lowercase();
        for secret in [SUFFIX, "password", "ada", "bob", "example", "cookie", "authorization"] {
            assert!(!told.contains(&secret.to_ascii_lowercase()), "{secret} in {request}");
        }
    }
    watched.program.stop();
}

#[tokio::test]
async fn a_taken_address_and_a_free_one_ask_the_same() {
    let service = Service::start(&format!("{SUFFIX}:0\r\n{OTHER}:5"), Duration::ZERO);
    let program = service.place().with("REQUIRE_EMAIL_VERIFICATION", "true").start();
    let client = program.client();
    let mut outcomes = Vec::new();
    for _ in ["free", "taken"] {
        let answer = client.post("/auth/register", &credentials("ada@example.com")).await;
        outcomes.push((answer, service.heard()));
    }
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!((outcomes[0].0.0, outcomes[0].1.len()), (StatusCode::ACCEPTED, 1));
    program.stop();
}

#[tokio::test]
async fn a_service_that_is_slow_is_not_waited_for_and_the_outage_is_told_once() {
    let slow = Service::start(&format!("{SUFFIX}:3"), Duration::from_secs(3));
    let mut program = slow.place().start();
    let client = program.client();
    for email in ["ada@example.com", "bob@example.com"] {
        let started = Instant::now();
        client.register(email).await;
        // A second for the service, and what a hash takes on a machine that has other things to do.
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    }
    assert_eq!(slow.heard().len(), 2, "each is asked once");
    let told = "breaches cannot be searched: passwords are accepted without";
    program.wait_for_error(told);
    let logged = program.errors();
    assert!(logged.matches(told).count() == 1 && !logged.contains(PREFIX), "{logged}");
    program.stop();
}

#[tokio::test]
async fn a_server_that_refuses_during_an_outage_says_when_to_come_back() {
    let place = asking(free_port()).with("BREACHED_PASSWORDS_OUTAGE", "refuse");
    let program = place.start();
    let (status, answer) =
        program.client().post("/auth/register", &credentials("ada@example.com")).await;
    assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable")));
    program.stop();
    let (code, said) = refused(&create(&place, "bob@example.com"));
    assert!(code == 1 && said.contains("127.0.0.1 cannot be reached"), "{said}");
    printed(&create(&place.with("BREACHED_PASSWORDS_OUTAGE", "accept"), "bob@example.com"));
}
