//! What SES answers, and what comes of it.

use std::{net::SocketAddr, time::Duration};

use fastauth_ports::mail::{NotSent, SendMail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::Instant,
};

use crate::server::{Answer, Server, mail, mailer, options};

/// Sends a mail to a server that once answers so, and gives what came of it in words.
async fn told(answer: Answer) -> String {
    let server = Server::start().await;
    let mailer = server.mailer();
    server.answer(answer);
    let error = mailer.send(&mail("ada@example.com")).await.unwrap_err();
    assert!(server.requests().is_empty(), "it is not tried again: {error}");
    // A mail that goes wrong does not harm the next.
    mailer.send(&mail("bob@example.com")).await.unwrap();
    in_words(&error)
}

fn in_words(error: &NotSent) -> String {
    match error {
        NotSent::Temporary(_) => format!("temporary: {error}"),
        NotSent::Permanent(_) => format!("permanent: {error}"),
    }
}

#[tokio::test]
async fn only_what_is_wrong_with_the_mail_is_for_good() {
    for (status, code, kind) in [
        (400, "MessageRejected", "permanent"),
        (400, "BadRequestException", "permanent"),
        (400, "AccountSuspendedException", "temporary"),
        (400, "LimitExceededException", "temporary"),
        (400, "MailFromDomainNotVerifiedException", "temporary"),
        (400, "SendingPausedException", "temporary"),
        (404, "NotFoundException", "temporary"),
        (429, "TooManyRequestsException", "temporary"),
        (400, "ThrottlingException", "temporary"),
        (403, "AccessDeniedException", "temporary"),
        (403, "ExpiredTokenException", "temporary"),
        (403, "UnrecognizedClientException", "temporary"),
        (500, "InternalFailure", "temporary"),
        (503, "ServiceUnavailableException", "temporary"),
    ] {
        let told = told(Answer::error(status, code, "something")).await;
        assert!(told.starts_with(kind), "{told}");
        assert!(told.contains(&format!("{status} ({code})")), "{told}");
    }
}

#[tokio::test]
async fn an_error_that_is_named_in_the_body_is_the_same() {
    let body = r#"{"__type":"com.amazonaws.sesv2#MessageRejected","message":"no"}"#.to_owned();
    let told = told(Answer { status: 400, header: None, body }).await;
    assert!(told.starts_with("permanent") && told.contains("400 (MessageRejected)"), "{told}");
}

#[tokio::test]
async fn an_identity_that_is_not_verified_yet_is_temporary() {
    let message = "Email address is not verified. The following identities failed the check in \
                   region EU-CENTRAL-1: ada@example.com";
    let told = told(Answer::error(400, "MessageRejected", message)).await;
    assert!(told.starts_with("temporary"), "{told}");
}

#[tokio::test]
async fn the_text_of_an_answer_is_told_to_nobody() {
    for code in ["MessageRejected", "TooManyRequestsException", "ada@example.com token=secret"] {
        let message = "ada@example.com https://example.com/?token=secret";
        let told = told(Answer::error(400, code, message)).await;
        assert!(!told.contains("ada") && !told.contains("secret"), "{told}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_of_ses_is_temporary() {
    for (status, body) in
        [(502, "<html>Bad gateway</html>"), (200, "<html>Sign in</html>"), (400, "")]
    {
        let told = told(Answer { status, header: None, body: body.to_owned() }).await;
        assert!(told.starts_with("temporary"), "{told}");
        assert!(told.contains(&status.to_string()), "{told}");
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_is_temporary_before_and_in_the_answer() {
    for begin in ["", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"Mess"] {
        let (address, listener) = listener().await;
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 8_192]).await.unwrap();
            stream.write_all(begin.as_bytes()).await.unwrap();
        });
        let error = mailer(options(address.port())).send(&mail("ada@example.com")).await;
        let told = in_words(&error.unwrap_err());
        assert!(told.starts_with("temporary"), "{told}");
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_temporary() {
    let (address, listener) = listener().await;
    drop(listener);
    let error = mailer(options(address.port())).send(&mail("ada@example.com")).await;
    let told = in_words(&error.unwrap_err());
    assert!(told.starts_with("temporary") && told.contains("cannot be reached"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_waited_for_no_longer_than_patience_lasts() {
    let (address, _listener) = listener().await;
    let started = Instant::now();
    let error = mailer(options(address.port())).send(&mail("ada@example.com")).await;
    let told = in_words(&error.unwrap_err());
    assert!(told.starts_with("temporary"), "{told}");
    assert!(started.elapsed() < Duration::from_secs(11), "{:?}", started.elapsed());
}

async fn listener() -> (SocketAddr, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (listener.local_addr().unwrap(), listener)
}
