//! Clients that are slow, silent, greedy or too many.

#[cfg(target_os = "linux")]
use std::net::SocketAddr;
use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

#[cfg(target_os = "linux")]
use socket2::{Domain, Socket, Type};

use crate::place::{PATIENCE, Place, Program};

/// Longer than the server gives anybody, and more than a test waits elsewhere.
const HALF_A_MINUTE_AND_MORE: Duration = Duration::from_mins(2);

/// A request after which the connection stays open.
const KEPT: &str = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

pub(crate) fn connect(program: &Program) -> TcpStream {
    let connection = TcpStream::connect(("127.0.0.1", program.port)).unwrap();
    connection.set_read_timeout(Some(HALF_A_MINUTE_AND_MORE)).unwrap();
    connection
}

/// What is answered until the server hangs up.
pub(crate) fn rest_of(mut connection: TcpStream) -> String {
    let mut answer = Vec::new();
    match connection.read_to_end(&mut answer) {
        Ok(_) => {}
        // What was sent and not read ends a connection less politely.
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    String::from_utf8(answer).unwrap()
}

pub(crate) fn ask(program: &Program, request: &str) -> String {
    let mut connection = connect(program);
    // The server may refuse what it has not read to the end.
    let _ = connection.write_all(request.as_bytes());
    rest_of(connection)
}

pub(crate) fn live(headers: &str) -> String {
    format!("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
}

#[test]
fn a_client_that_is_silent_or_never_ends_its_head_is_hung_up_on() {
    let program = Place::new().start();
    let silent = connect(&program);
    let mut slow = connect(&program);
    let mut idle = connect(&program);
    idle.write_all(KEPT.as_bytes()).unwrap();
    let started = Instant::now();
    slow.write_all(b"GET /health/live HTTP/1.1\r\n").unwrap();
    assert_eq!(rest_of(silent), "");
    assert!(!rest_of(slow).contains("200 OK"));
    assert!(rest_of(idle).starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(started.elapsed() < HALF_A_MINUTE_AND_MORE);
}

#[test]
fn a_body_that_does_not_come_is_408() {
    let program = Place::new().start();
    let request = "POST /auth/login HTTP/1.1\r\nHost: localhost\r\n\
        Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"email\"";
    let answer = ask(&program, request);
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.contains("request_timeout"), "{answer}");
}

#[test]
fn a_head_that_is_too_large_is_431() {
    let program = Place::new().start();
    let many = "X-Ray: 1\r\n".repeat(62);
    assert!(ask(&program, &live(&many)).starts_with("HTTP/1.1 200 OK\r\n"));
    let too_many = format!("{many}X-One: more\r\n");
    for headers in [too_many, format!("X-Long: {}\r\n", "x".repeat(16 * 1_024))] {
        let answer = ask(&program, &live(&headers));
        assert!(answer.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{answer}");
    }
}

#[test]
fn more_clients_than_there_may_be_wait_for_their_turn() {
    let program = Place::new().with("MAX_CONNECTIONS", "2").start();
    let [one, other] = [connect(&program), connect(&program)];
    let mut third = connect(&program);
    third.write_all(live("").as_bytes()).unwrap();
    third.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let nothing = third.read(&mut [0]).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    drop(one);
    third.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(rest_of(third).starts_with("HTTP/1.1 200 OK\r\n"));
    drop(other);
}

#[test]
fn pages_of_a_web_site_that_is_named_may_use_the_api() {
    let place = Place::new().with("CORS_ORIGINS", "https://app.example.com");
    let program = place.start();
    for (origin, told) in [("https://app.example.com", true), ("https://example.com", false)] {
        let answer = ask(&program, &live(&format!("Origin: {origin}\r\n")));
        assert_eq!(answer.contains("access-control-allow-origin: https://app"), told, "{answer}");
    }
}

#[test]
fn browsers_are_told_to_come_by_tls_where_people_do() {
    for (url, told) in [("https://auth.example.com", true), ("http://auth.example.com", false)] {
        let program = Place::new().with("PUBLIC_URL", url).start();
        let answer = ask(&program, &live(""));
        assert_eq!(
            answer.contains("strict-transport-security: max-age=31536000\r\n"),
            told,
            "{answer}"
        );
    }
}

/// Connects from another address of this machine.
#[cfg(target_os = "linux")]
fn connect_from(address: [u8; 4], program: &Program) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((address, 0)).into()).unwrap();
    socket.connect(&SocketAddr::from(([127, 0, 0, 1], program.port)).into()).unwrap();
    socket.into()
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_has_all_its_places_is_hung_up_on_and_another_one_is_served() {
    let program = Place::new().with("MAX_CONNECTIONS_PER_CLIENT", "2").start();
    let mut held = [connect(&program), connect(&program)];
    for connection in &mut held {
        connection.write_all(KEPT.as_bytes()).unwrap();
        connection.read_exact(&mut [0; 15]).unwrap();
    }
    assert_eq!(rest_of(connect(&program)), "");
    let mut other = connect_from([127, 0, 0, 2], &program);
    other.write_all(live("").as_bytes()).unwrap();
    assert!(rest_of(other).starts_with("HTTP/1.1 200 OK\r\n"));
    drop(held);
    wait_until_served(&program, &live(""));
    program.stop();
}

/// A place is free a moment after its connection was closed.
pub(crate) fn wait_until_served(program: &Program, request: &str) {
    let started = Instant::now();
    while !ask(program, request).contains("HTTP/1.1 200 OK\r\n") {
        assert!(started.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_connection_that_begins_as_http_2_does_is_closed_at_once() {
    let program = Place::new().start();
    let settings = "\0\0\0\u{4}\0\0\0\0\0";
    for preface in ["", settings].map(|frame| format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{frame}")) {
        let started = Instant::now();
        assert_eq!(ask(&program, &preface), "");
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
    program.stop();
}

#[test]
fn an_offer_to_go_on_in_http_2_is_passed_over() {
    let program = Place::new().start();
    let offer = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\n\
        Connection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
    let answer = ask(&program, offer);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(!answer.contains("101") && !answer.to_lowercase().contains("upgrade"), "{answer}");
    program.stop();
}

#[test]
fn a_client_that_does_not_read_its_answers_loses_its_place() {
    let program = Place::new().with("MAX_CONNECTIONS", "1").start();
    let mut greedy = connect(&program);
    let pages = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1_000);
    greedy.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    // Not all of it is taken, once answers are stuck.
    let _ = greedy.write_all(pages.as_bytes());
    assert!(ask(&program, &live("")).starts_with("HTTP/1.1 200 OK\r\n"));
    drop(greedy);
}
