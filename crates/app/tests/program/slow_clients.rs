//! Clients that mean to hold places: by the hundred, and each a little at a time.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};

use crate::{
    connections::{ask, connect, live},
    place::{Place, Program},
};

/// How long the most patient of all limits has, and a busy machine in addition.
const GIVEN_UP: Duration = Duration::from_secs(50);
/// How many of each kind there are.
const CROWD: usize = 250;

/// What somebody sends who never comes to an end.
#[derive(Clone, Copy)]
enum Kind {
    Silent,
    Head,
    Body,
}

impl Kind {
    fn beginning(self) -> &'static str {
        match self {
            Self::Silent => "",
            Self::Head => "GET /health/live HTTP/1.1\r\nX-Endless: ",
            Self::Body => {
                "POST /auth/login HTTP/1.1\r\nHost: localhost\r\n\
                 Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{\"email\": \""
            }
        }
    }
}

/// Connections that one byte is sent on every second. Ends once the server has closed them all, and says
/// how long that took.
fn drip(program: &Program, kind: Kind, count: usize) -> JoinHandle<Duration> {
    let mut open: Vec<_> = (0..count).map(|_| connect(program)).collect();
    thread::spawn(move || {
        let began = Instant::now();
        for connection in &mut open {
            connection.set_nonblocking(true).unwrap();
            connection.write_all(kind.beginning().as_bytes()).unwrap();
        }
        while !open.is_empty() && began.elapsed() < GIVEN_UP * 2 {
            thread::sleep(Duration::from_secs(1));
            open.retain_mut(|connection| is_open(connection, kind));
        }
        began.elapsed()
    })
}

/// Whether the server has left a connection open; sends a byte if so.
fn is_open(connection: &mut TcpStream, kind: Kind) -> bool {
    let mut answer = [0; 1_024];
    loop {
        match connection.read(&mut answer) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(_) => return false,
        }
    }
    matches!(kind, Kind::Silent) || connection.write_all(b"x").is_ok()
}

#[test]
fn others_are_served_while_hundreds_drip_and_all_of_these_are_hung_up_on() {
    let program = Place::new().start();
    let crowds = [(Kind::Silent, CROWD), (Kind::Head, CROWD), (Kind::Body, CROWD)]
        .map(|(kind, count)| drip(&program, kind, count));
    while crowds.iter().any(|crowd| !crowd.is_finished()) {
        let began = Instant::now();
        let answer = ask(&program, &live(""));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        thread::sleep(Duration::from_millis(200));
    }
    for crowd in crowds {
        let took = crowd.join().unwrap();
        assert!(took < GIVEN_UP, "{took:?}");
    }
    program.stop();
}

/// A client for whom the system keeps as little as it can.
fn narrow(program: &Program) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4 * 1_024).unwrap();
    let server = std::net::SocketAddr::from(([127, 0, 0, 1], program.port));
    socket.connect(&server.into()).unwrap();
    socket.into()
}

/// Asks for so much that the system does not hold it, and reads on at so many bytes a second.
fn read_slowly(program: &Program, bytes: usize) -> (JoinHandle<usize>, Arc<AtomicBool>) {
    let mut connection = narrow(program);
    let enough = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&enough);
    connection.set_read_timeout(Some(GIVEN_UP)).unwrap();
    let pages = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    connection.write_all(pages.as_bytes()).unwrap();
    let reading = thread::spawn(move || {
        let (mut buffer, mut read) = (vec![0; bytes], 0);
        while !told.load(Ordering::Relaxed) {
            match connection.read(&mut buffer) {
                Ok(0) | Err(_) => return read,
                Ok(count) => read += count,
            }
            thread::sleep(Duration::from_secs(1));
        }
        let _ = connection.shutdown(Shutdown::Both);
        read
    });
    (reading, enough)
}

#[test]
fn a_client_that_reads_a_little_now_and_then_loses_its_place_and_one_that_is_slow_does_not() {
    let program = Place::new().with("MAX_CONNECTIONS", "2").start();
    // What the system has for it goes on coming: it is not waited for.
    let (_trickle, _) = read_slowly(&program, 100);
    let (slow, enough) = read_slowly(&program, 8 * 1_024);
    let began = Instant::now();
    // There is no place before one of them has lost theirs.
    assert!(ask(&program, &live("")).starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(
        (Duration::from_secs(25)..GIVEN_UP).contains(&began.elapsed()),
        "{:?}",
        began.elapsed()
    );
    assert!(!slow.is_finished());
    enough.store(true, Ordering::Relaxed);
    let read = slow.join().unwrap();
    assert!(read > 100 * 1_024, "{read}");
    program.stop();
}
