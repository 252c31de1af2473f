//! Proxies that say in a PROXY header for whom they connect.

use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    client::credentials,
    connections::{connect, live, rest_of},
    place::{Place, Program},
};

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const PROXY: u8 = 0x21;
const LOCAL: u8 = 0x20;
const IPV4: u8 = 0x11;
const IPV6: u8 = 0x21;

/// A server whose proxies are on this machine, and begin each connection with a header.
fn behind_proxies() -> Place {
    Place::new().with("TRUSTED_PROXIES", "127.0.0.1").with("PROXY_PROTOCOL", "on")
}

fn line(text: &str) -> Vec<u8> {
    format!("PROXY {text}\r\n").into_bytes()
}

/// A header of version 2.
fn block(command: u8, family: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, content].concat()
}

/// Two addresses and two ports.
fn from(source: &[u8]) -> Vec<u8> {
    [source, &vec![1; source.len()], &[0x9c, 0x40, 1, 187]].concat()
}

/// What is answered to these bytes until the server hangs up.
fn ask(program: &Program, header: &[u8], request: &str) -> String {
    let mut connection = connect(program);
    // The server may hang up before it has read everything.
    let _ = connection.write_all(&[header, request.as_bytes()].concat());
    rest_of(connection)
}

fn registration(email: &str, headers: &str) -> String {
    let body = credentials(email).to_string();
    format!(
        "POST /auth/register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// The address that a session has which is opened behind this header.
fn address_told_by(program: &Program, header: &[u8], headers: &str) -> String {
    let email = format!("{}@example.com", anybody());
    let registered = ask(program, header, &registration(&email, headers));
    assert_eq!(status(&registered), "201", "{registered}");
    let token = body(&registered)["access_token"].as_str().unwrap().to_owned();
    let sessions = format!(
        "GET /sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    );
    let sessions = body(&ask(program, header, &sessions));
    sessions["sessions"][0]["ip_address"].as_str().unwrap().to_owned()
}

/// A name that nobody has yet.
fn anybody() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("user{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

#[test]
fn the_address_that_a_proxy_tells_is_the_clients() {
    let program = behind_proxies().start();
    let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 9];
    let documentation = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    let unique_id = [5, 0, 3, b'a', b'b', b'c'];
    for (header, address) in [
        (line("TCP4 203.0.113.7 192.0.2.1 40000 443"), "203.0.113.7"),
        (line("TCP6 2001:db8::8 2001:db8::1 40000 443"), "2001:db8::8"),
        (block(PROXY, IPV4, &from(&[203, 0, 113, 7])), "203.0.113.7"),
        (block(PROXY, IPV6, &from(&documentation)), "2001:db8::7"),
        (block(PROXY, IPV6, &from(&mapped)), "203.0.113.9"),
        (block(PROXY, IPV4, &[&from(&[203, 0, 113, 8])[..], &unique_id].concat()), "203.0.113.8"),
    ] {
        assert_eq!(address_told_by(&program, &header, ""), address);
    }
    program.stop();
}

#[test]
fn whom_a_proxy_does_not_name_counts_as_the_proxy_whatever_headers_say() {
    let program = behind_proxies().start();
    for header in [
        line("UNKNOWN"),
        line("UNKNOWN ffff:f::f ffff:f::f 65535 65535"),
        block(LOCAL, 0, &[]),
        block(LOCAL, IPV4, &from(&[203, 0, 113, 7])),
        block(PROXY, 0, &[]),
    ] {
        for headers in ["", "X-Forwarded-For: 203.0.113.9\r\n", "Forwarded: for=203.0.113.9\r\n"] {
            assert_eq!(address_told_by(&program, &header, headers), "127.0.0.1");
        }
    }
    program.stop();
}

#[test]
fn headers_tell_more_only_if_the_proxy_before_the_proxy_is_trusted_as_well() {
    let place = behind_proxies().with("TRUSTED_PROXIES", "127.0.0.1, 198.51.100.0/24");
    let program = place.start();
    let forwarded = "X-Forwarded-For: 203.0.113.9\r\n";
    let trusted = line("TCP4 198.51.100.7 192.0.2.1 40000 443");
    assert_eq!(address_told_by(&program, &trusted, forwarded), "203.0.113.9");
    let stranger = line("TCP4 203.0.113.7 192.0.2.1 40000 443");
    assert_eq!(address_told_by(&program, &stranger, forwarded), "203.0.113.7");
    program.stop();
}

#[test]
fn a_header_may_come_byte_by_byte() {
    let program = behind_proxies().start();
    for header in
        [line("TCP4 203.0.113.7 192.0.2.1 40000 443"), block(PROXY, IPV4, &from(&[203, 0, 113, 7]))]
    {
        let mut connection = connect(&program);
        connection.set_nodelay(true).unwrap();
        for byte in [&header[..], live("").as_bytes()].concat() {
            connection.write_all(&[byte]).unwrap();
        }
        assert_eq!(status(&rest_of(connection)), "200");
    }
    program.stop();
}

#[test]
fn a_proxy_that_sends_no_header_or_a_broken_one_gets_no_answer() {
    let mut program = behind_proxies().start();
    let short = block(PROXY, IPV4, &from(&[203, 0, 113, 7]));
    for header in [
        Vec::new(),
        b"\0\x01\x02\x03".repeat(10),
        line("TCP4 203.0.113.7 192.0.2.1 40000"),
        line("TCP4 203.0.113.777 192.0.2.1 40000 443"),
        line("TCP4 2001:db8::8 192.0.2.1 40000 443"),
        line("TCP5 203.0.113.7 192.0.2.1 40000 443"),
        line(&format!("UNKNOWN {}", "x".repeat(200))),
        b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 443\n".to_vec(),
        [SIGNATURE, &[0x31, IPV4], &short[14..]].concat(),
        [SIGNATURE, &[0x22, IPV4], &short[14..]].concat(),
        [SIGNATURE, &[PROXY, 0x41], &short[14..]].concat(),
        block(PROXY, IPV6, &from(&[203, 0, 113, 7])),
        block(PROXY, IPV4, &[1; 521]),
        block(PROXY, IPV4, &vec![1; 65_535]),
        [&short[..], &short].concat(),
    ] {
        let answer = ask(&program, &header, &live(""));
        assert!(!answer.contains("200 OK"), "{header:?}: {answer}");
        assert!(answer.is_empty() || header.len() == 2 * short.len(), "{header:?}: {answer}");
    }
    program.wait_for_error("have the proxy send one, or turn PROXY_PROTOCOL off");
    assert_eq!(status(&ask(&program, &line("UNKNOWN"), &live(""))), "200");
    program.stop();
}

#[test]
fn whoever_is_no_trusted_proxy_is_taken_as_they_are_and_not_believed() {
    let program = behind_proxies().with("TRUSTED_PROXIES", "192.0.2.1").start();
    assert_eq!(address_told_by(&program, b"", ""), "127.0.0.1");
    for header in
        [line("TCP4 203.0.113.7 192.0.2.1 40000 443"), block(PROXY, IPV4, &from(&[203, 0, 113, 7]))]
    {
        assert_eq!(status(&ask(&program, &header, &live(""))), "400");
    }
    program.stop();
}

#[test]
fn without_the_setting_a_header_is_no_request() {
    let program = Place::new().with("TRUSTED_PROXIES", "127.0.0.1").start();
    let header = line("TCP4 203.0.113.7 192.0.2.1 40000 443");
    assert_eq!(status(&ask(&program, &header, &live(""))), "400");
    program.stop();
}

#[test]
fn limits_count_the_address_that_is_told() {
    let program = behind_proxies().with("RATE_LIMIT_REGISTER", "1/60").start();
    for (from, headers, expected) in [
        ("203.0.113.7", "", "201"),
        ("198.51.100.1", "", "201"),
        ("203.0.113.7", "X-Forwarded-For: 192.0.2.9\r\n", "429"),
    ] {
        let header = line(&format!("TCP4 {from} 192.0.2.1 40000 443"));
        let email = format!("{}@example.com", anybody());
        let answer = ask(&program, &header, &registration(&email, headers));
        assert_eq!(status(&answer), expected, "{from}");
    }
    program.stop();
}

#[test]
fn places_are_counted_for_the_client_that_is_named_and_not_for_the_proxy() {
    let program = behind_proxies().with("MAX_CONNECTIONS_PER_CLIENT", "1").start();
    let network = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 7];
    let v6 = |network: [u8; 8], host: u8| {
        block(PROXY, IPV6, &from(&[&network[..], &[host; 8]].concat()))
    };
    let v4 = |host| line(&format!("TCP4 203.0.113.{host} 192.0.2.1 40000 443"));
    let mut held = [v4(7), v6(network, 1), line("UNKNOWN")].map(|header| {
        let mut connection = connect(&program);
        connection.write_all(&header).unwrap();
        connection
    });
    for connection in &mut held {
        connection.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        connection.read_exact(&mut [0; 15]).unwrap();
    }
    let other_network = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 8];
    for (header, expected) in [
        (v4(7), ""),
        (v4(8), "200"),
        (v6(network, 2), ""),
        (v6(other_network, 1), "200"),
        (line("UNKNOWN"), "200"),
    ] {
        assert_eq!(status(&ask(&program, &header, &live(""))), expected, "{header:?}");
    }
    program.stop();
}

#[test]
fn a_proxy_that_falls_silent_is_hung_up_on() {
    let program = behind_proxies().start();
    let silent = connect(&program);
    let mut slow = connect(&program);
    slow.write_all(b"PROXY TCP4 203.0.113.7").unwrap();
    assert_eq!((rest_of(silent), rest_of(slow)), (String::new(), String::new()));
    program.stop();
}

#[test]
fn a_proxy_that_has_said_nothing_yet_does_not_keep_the_program_from_ending() {
    let program = behind_proxies().start();
    let silent = connect(&program);
    // Connections are taken in turn.
    assert_eq!(status(&ask(&program, &line("UNKNOWN"), &live(""))), "200");
    let told = Instant::now();
    program.stop();
    assert!(told.elapsed() < Duration::from_secs(15));
    drop(silent);
}
