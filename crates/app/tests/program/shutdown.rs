//! Being told to stop.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{
    client::credentials,
    place::{PATIENCE, Place, Program},
};

/// A registration of which the server has seen the beginning.
struct HalfSent {
    connection: TcpStream,
    rest: String,
}

impl HalfSent {
    fn to(program: &Program) -> Self {
        let body = credentials("user@example.com").to_string();
        let (beginning, rest) = body.split_at(10);
        let mut connection = TcpStream::connect(("127.0.0.1", program.port)).unwrap();
        write!(
            connection,
            "POST /auth/register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{beginning}",
            body.len()
        )
        .unwrap();
        // Without this, the server might see the signal before it sees the request.
        thread::sleep(Duration::from_millis(200));
        Self { connection, rest: rest.to_owned() }
    }

    fn finish(mut self) -> String {
        let mut answer = String::new();
        self.connection.write_all(self.rest.as_bytes()).unwrap();
        self.connection.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn wait_until_nobody_listens(port: u16) {
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        assert!(started.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_is_in_flight_is_finished_before_the_program_ends_well() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut program = Place::new().start();
        let request = HalfSent::to(&program);
        program.send(signal);
        wait_until_nobody_listens(program.port);
        let answer = request.finish();
        assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
        assert_eq!(program.wait().code(), Some(0));
        assert!(program.output().contains("Verify your email address"), "{}", program.output());
    }
}

/// A login that the server has begun to read.
fn login(program: &Program, number: usize) -> TcpStream {
    const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
    let email = if number.is_multiple_of(2) { "user@example.com" } else { "nobody@example.com" };
    let body = credentials(email).to_string();
    let mut connection = TcpStream::connect(("127.0.0.1", program.port)).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        connection,
        "POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    let mut told = [0; GO_ON.len()];
    connection.read_exact(&mut told).unwrap();
    assert_eq!(told, GO_ON);
    connection.write_all(body.as_bytes()).unwrap();
    connection
}

/// Whether an answer is one that a login may have, and whole.
fn is_an_answer_to_a_login(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return false };
    let length = format!("content-length: {}", body.len());
    let is_right = head.starts_with("HTTP/1.1 200 ") || head.starts_with("HTTP/1.1 401 ");
    let is_late = head.starts_with("HTTP/1.1 503 ") && head.contains("retry-after: ");
    (is_right || is_late) && head.lines().any(|line| line == length)
}

#[test]
fn every_password_that_waits_to_be_hashed_is_answered_for() {
    // Hashes that take their time.
    let place = Place::new().with("ARGON2_MEMORY_KIB", "65536").with("ARGON2_ITERATIONS", "6");
    let mut program = place.start();
    HalfSent::to(&program).finish();
    let mut logins: Vec<_> = (0..30).map(|number| login(&program, number)).collect();
    program.send(Signal::TERM);
    wait_until_nobody_listens(program.port);
    let is_waiting = |login: &TcpStream| {
        login.set_nonblocking(true).unwrap();
        let waits = login.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        login.set_nonblocking(false).unwrap();
        waits
    };
    let waiting = logins.iter().filter(|login| is_waiting(login)).count();
    assert!(waiting > 4, "{waiting}");
    let answers: Vec<_> = logins
        .iter_mut()
        .map(|login| {
            let mut answer = String::new();
            login.read_to_string(&mut answer).map(|_| answer).unwrap()
        })
        .collect();
    assert!(answers.iter().all(|answer| is_an_answer_to_a_login(answer)), "{answers:#?}");
    assert!(answers.iter().any(|answer| answer.starts_with("HTTP/1.1 200 OK")), "{answers:#?}");
    assert_eq!(program.wait().code(), Some(0));
    assert!(!program.errors().contains("in flight"), "{}", program.errors());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut program = Place::new().start();
    let _request = HalfSent::to(&program);
    program.send(Signal::TERM);
    wait_until_nobody_listens(program.port);
    program.send(Signal::TERM);
    assert_eq!(program.wait().code(), Some(0));
    assert!(program.errors().contains("told twice"), "{}", program.errors());
}
