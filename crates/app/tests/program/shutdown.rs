//! Being told to stop.

use std::{
    io::{Read, Write},
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
