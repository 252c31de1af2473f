//! Clients that lie about what they send, or send what never ends, and a server without room for them.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use crate::{
    connections::{ask, connect, live, rest_of},
    place::{Place, Program},
};

const POST: &str = "POST /auth/login HTTP/1.1\r\nHost: localhost\r\n\
                    Content-Type: application/json\r\n";

/// The statuses of the answers on a connection.
fn statuses(answers: &str) -> Vec<&str> {
    answers.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.split(' ').next()).collect()
}

#[test]
fn a_body_that_is_longer_than_it_says_is_read_no_further_and_its_rest_is_no_request() {
    let program = Place::new().start();
    let body = r#"{"email":"user@example.com","password":"securepassword123"}"#;
    let answers = ask(&program, &format!("{POST}Content-Length: 10\r\n\r\n{body}"));
    assert_eq!(statuses(&answers), ["400", "400"], "{answers}");
    assert!(answers.contains("malformed_json"), "{answers}");
    program.stop();
}

#[test]
fn a_body_that_is_shorter_than_it_says_is_not_waited_for_once_its_client_has_ended() {
    let program = Place::new().start();
    let mut connection = connect(&program);
    connection.write_all(format!("{POST}Content-Length: 100\r\n\r\n{{}}").as_bytes()).unwrap();
    connection.shutdown(Shutdown::Write).unwrap();
    let started = Instant::now();
    let answers = rest_of(connection);
    assert!(!answers.contains(" 200 "), "{answers}");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    program.stop();
}

#[test]
fn two_lengths_that_differ_are_400_and_the_connection_ends() {
    let program = Place::new().start();
    for lengths in ["Content-Length: 2\r\nContent-Length: 40\r\n", "Content-Length: 2, 40\r\n"] {
        let answers = ask(&program, &format!("{POST}{lengths}\r\n{{}}{}", live("")));
        assert_eq!(statuses(&answers), ["400"], "{answers}");
    }
    program.stop();
}

/// Sends chunks until there is an answer, and says how many bytes that took.
fn send_chunks(connection: &mut TcpStream) -> usize {
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    let mut sent = 0;
    connection.set_nonblocking(true).unwrap();
    let is_silent = |connection: &TcpStream| {
        connection.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    };
    while is_silent(connection) && connection.write_all(chunk.as_bytes()).is_ok() {
        sent += chunk.len();
    }
    connection.set_nonblocking(false).unwrap();
    sent
}

#[test]
fn a_body_without_an_end_is_413_and_not_read_on() {
    let program = Place::new().start();
    let mut connection = connect(&program);
    connection.write_all(format!("{POST}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).unwrap();
    let sent = send_chunks(&mut connection);
    // Most of it lies in the buffers of the system.
    assert!(sent < 16 * 1_024 * 1_024, "{sent}");
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    program.stop();
}

/// What is compressed is not unpacked, and so cannot grow.
#[test]
fn a_body_that_is_compressed_is_unreadable() {
    let program = Place::new().start();
    // `{}`, as gzip writes it.
    let body = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xab\xae\x05\0\x43\xbf\xa6\xa3\x02\0\0\0";
    let mut connection = connect(&program);
    let head = format!(
        "{POST}Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let answer = rest_of(connection);
    assert_eq!(statuses(&answer), ["400"], "{answer}");
    assert!(answer.contains("malformed_json"), "{answer}");
    program.stop();
}

/// How long the processors were at work for a program so far.
#[cfg(target_os = "linux")]
fn work_of(program: &Program) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", program.pid())).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = fields.split_whitespace().skip(11).take(2).map(|it| it.parse::<u64>().unwrap());
    // There are a hundred in a second, whatever the system counts in.
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_may_open_no_more_files_waits_without_working_and_goes_on_afterwards() {
    let place = Place::new();
    let limited = "ulimit -n 64; exec \"$0\"";
    let program = env!("CARGO_BIN_EXE_fastauth");
    let mut program = place.start_by(&mut place.command_of("/bin/sh", &["-c", limited, program]));
    let crowd: Vec<_> = (0..100).map(|_| connect(&program)).collect();
    program.wait_for_error("no connection can be accepted");
    let before = work_of(&program);
    std::thread::sleep(Duration::from_secs(2));
    let work = work_of(&program).saturating_sub(before);
    assert!(work < Duration::from_secs(1), "{work:?}");
    drop(crowd);
    assert!(ask(&program, &live("")).starts_with("HTTP/1.1 200 OK\r\n"));
    program.stop();
}
