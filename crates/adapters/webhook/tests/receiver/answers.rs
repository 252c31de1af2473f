//! What becomes of a mail when the receiver does not simply take it.

use std::{io, net::Ipv4Addr, time::Duration};

use axum::http::StatusCode;
use fastauth_ports::mail::{NotSent, SendMail};
use fastauth_webhook::{Patience, Receiver};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};

use crate::server::{Server, mail, mailer, receiver};

/// Somebody who speaks no HTTP: does this with the one connection that is made.
async fn impostor<F>(act: impl FnOnce(TcpStream) -> F + Send + 'static) -> u16
where
    F: Future<Output = io::Result<()>> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        // Something of the request has to be there, or there is nothing to leave unanswered.
        stream.read_u8().await.unwrap();
        act(stream).await
    });
    port
}

/// What goes wrong, temporarily, with a receiver.
async fn failure(receiver: Receiver) -> String {
    let mailer = mailer(receiver);
    let error = mailer.send(&mail()).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
    let told = format!("{error} {error:?} {mailer:?}");
    for secret in ["hidden", "token", "ada@", "whsec", "/mail"] {
        assert!(!told.contains(secret), "{told}");
    }
    told
}

#[tokio::test]
async fn a_connection_that_is_cut_is_temporary() {
    let port = impostor(|stream| async {
        drop(stream);
        Ok(())
    })
    .await;
    let told = failure(receiver(port)).await;
    assert!(told.contains("gave no answer"), "{told}");
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_temporary_and_not_repeated() {
    let port = impostor(|mut stream| async move {
        stream.write_all(b"220 mail for ada@example.com?\r\n").await
    })
    .await;
    let told = failure(receiver(port)).await;
    assert!(told.contains("gave no answer"), "{told}");
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_given_up() {
    let port = impostor(|mut stream| async move {
        // Ends when the other side hangs up.
        stream.read_to_end(&mut Vec::new()).await.map(drop)
    })
    .await;
    let patience = Patience { to_hand_over: Duration::from_millis(50), ..Patience::default() };
    let told = failure(Receiver { patience, ..receiver(port) }).await;
    assert!(told.contains("took too long"), "{told}");
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_temporary() {
    // The port is taken, and nobody listens at it.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let port = socket.local_addr().unwrap().port();
    let told = failure(receiver(port)).await;
    assert!(told.contains("127.0.0.1 cannot be reached"), "{told}");
}

#[tokio::test]
async fn an_answer_without_end_is_not_waited_for() {
    let port = impostor(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
        stream.read_to_end(&mut Vec::new()).await.map(drop)
    })
    .await;
    mailer(receiver(port)).send(&mail()).await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (server, elsewhere) = (Server::start().await, Server::start().await);
    for status in [301, 302, 303, 307, 308] {
        let status = StatusCode::from_u16(status).unwrap();
        let location = format!("http://127.0.0.1:{}/mail", elsewhere.port);
        server.answer_next((status, [("location", location)]));
        let told = failure(receiver(server.port)).await;
        assert!(told.contains(status.as_str()), "{told}");
    }
    assert!(elsewhere.requests().is_empty() && server.requests().is_empty());
}

#[tokio::test]
async fn a_receiver_is_left_alone_for_as_long_as_it_asks() {
    let server = Server::start().await;
    server.answer_next((StatusCode::TOO_MANY_REQUESTS, [("retry-after", "90")]));
    let error = mailer(receiver(server.port)).send(&mail()).await.unwrap_err();
    let NotSent::Temporary(unavailable) = error else { panic!("{error}") };
    assert_eq!(unavailable.retry_in(), Duration::from_secs(90));
}
