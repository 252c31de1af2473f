//! What is no answer, and how long one is waited for.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use fastauth_ports::breaches::SearchBreaches;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
};

use crate::server::{Act, OTHER, PASSWORD, PREFIX, SUFFIX, Server, password, search};

/// How a search fails, within the time that it may take.
async fn failure(url: &str) -> String {
    let (search, started) = (search(url), Instant::now());
    let error = search.search(&password(PASSWORD)).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_millis(1_500), "{:?}", started.elapsed());
    let told = format!("{error} {error:?} {search:?}");
    for secret in [PREFIX, SUFFIX, PASSWORD, "/range"] {
        assert!(!told.contains(secret), "{told}");
    }
    told
}

/// The same, of a service that does this; it is asked once.
async fn failure_of(act: Act) -> String {
    let server = Server::start(act).await;
    let told = failure(&server.url()).await;
    assert_eq!(server.heard().len(), 1, "{told}");
    told
}

#[tokio::test]
async fn a_service_that_says_nothing_is_given_up_after_a_second() {
    let told = failure_of(Act::Wait).await;
    assert!(told.contains("127.0.0.1 took too long"), "{told}");
}

#[tokio::test]
async fn a_service_that_says_one_thing_at_a_time_is_given_up_as_soon() {
    let Act::Say(answer) = Act::rows(&[(SUFFIX, 1); 50]) else { unreachable!() };
    let told = failure_of(Act::Dribble(answer, Duration::from_millis(20))).await;
    assert!(told.contains("took too long"), "{told}");
}

#[tokio::test]
async fn every_status_but_200_is_an_outage() {
    for status in ["204 No", "400 No", "404 No", "429 No", "500 No", "502 No", "503 No"] {
        let told = failure_of(Act::answer(status, &format!("{OTHER}:1"))).await;
        assert!(told.contains(&format!("answered {}", &status[..3])), "{told}");
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_is_an_outage_at_once_or_in_the_middle() {
    let told = failure_of(Act::HangUp).await;
    assert!(told.contains("gave no answer"), "{told}");
    let Act::Say(mut cut) = Act::rows(&[(SUFFIX, 1), (OTHER, 1)]) else { unreachable!() };
    cut.truncate(cut.len() - OTHER.len() - 4);
    assert!(cut.ends_with(b":1"), "the lines that are there could be read");
    let told = failure_of(Act::Say(cut)).await;
    assert!(told.contains("gave no answer"), "{told}");
}

#[tokio::test]
async fn what_cannot_be_read_is_an_outage() {
    for (body, why) in [
        ("<html>Sign in to the network</html>", "line 1"),
        ("", "empty"),
        (&format!("{OTHER}:1\r\nand so on"), "line 2"),
    ] {
        let told = failure_of(Act::answer("200 OK", body)).await;
        assert!(told.contains(why), "{told}");
    }
    let told = failure_of(Act::Say(b"220 mail?\r\n\r\n".to_vec())).await;
    assert!(told.contains("gave no answer"), "{told}");
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_an_outage() {
    let line = format!("{OTHER}:1\r\n");
    let told = failure_of(Act::answer("200 OK", &line.repeat(20_000))).await;
    assert!(told.contains("more than 524288 octets"), "{told}");
    // Nor one that does not say how long it is.
    let endless = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", line.repeat(20_000));
    let told = failure_of(Act::Say(endless.into_bytes())).await;
    assert!(told.contains("more than 524288 octets"), "{told}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(Act::rows(&[(SUFFIX, 1)])).await;
    for status in ["301", "302", "303", "307", "308"] {
        let location = format!("http://127.0.0.1:{}/range/{PREFIX}", elsewhere.port);
        let head = format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\n");
        let answer = format!("{head}content-length: 0\r\n\r\n");
        let told = failure_of(Act::Say(answer.into_bytes())).await;
        assert!(told.contains(&format!("answered {status}")), "{told}");
    }
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn a_service_that_is_not_there_is_an_outage() {
    // The port is taken, and nobody listens at it.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    for scheme in ["http", "https"] {
        let told = failure(&format!("{scheme}://{address}")).await;
        assert!(told.contains("127.0.0.1 cannot be reached"), "{told}");
    }
}

#[tokio::test]
async fn a_service_that_does_not_speak_tls_is_told_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let hearing = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = vec![0; 4_096];
        let octets = stream.read(&mut heard).await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Speak HTTP\r\n\r\n").await.unwrap();
        String::from_utf8_lossy(&heard[..octets]).into_owned()
    });
    let told = failure(&url).await;
    assert!(told.contains("127.0.0.1 cannot be reached"), "{told}");
    let heard = hearing.await.unwrap();
    assert!(!heard.contains(PREFIX) && !heard.contains("range"), "{heard}");
}
