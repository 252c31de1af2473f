//! What the server answers, and what comes of it.

use std::time::{Duration, Instant};

use fastauth_ports::mail::{NotSent, SendMail};
use fastauth_smtp::{Patience, Relay, SmtpMail};

use crate::server::{Mode, Server, clock, mail};

/// Sends a mail to a server that once answers so, and gives what came of it in words.
async fn told(at: &str, how: &str) -> Option<String> {
    let server = Server::start(Mode::StartTls)?;
    let mailer = server.mailer();
    server.fault(at, how);
    let error = mailer.send(&mail("ada@example.com")).await.unwrap_err();
    let kind = match error {
        NotSent::Temporary(_) => "temporary",
        NotSent::Permanent(_) => "permanent",
    };
    // A mail that goes wrong does not harm the next.
    mailer.send(&mail("bob@example.com")).await.unwrap();
    let arrived = server.mails();
    assert_eq!(arrived.last().unwrap()["envelope_to"][0], "bob@example.com");
    Some(format!("{kind}: {error}"))
}

#[tokio::test]
async fn an_answer_is_temporary_or_permanent_by_its_code_and_by_what_it_is_about() {
    for (at, how, kind, codes) in [
        ("MAIL", "451 4.3.0 disk", "temporary", "451 4.3.0"),
        ("MAIL", "553 5.7.1 not your address", "temporary", "553 5.7.1"),
        ("RCPT", "450 4.2.1 greylisted", "temporary", "450 4.2.1"),
        ("RCPT", "452 full", "temporary", "452"),
        ("RCPT", "550 5.1.1 no such user", "permanent", "550 5.1.1"),
        ("RCPT", "530 5.7.0 sign in first", "temporary", "530 5.7.0"),
        ("RCPT", "503 5.5.1 out of order", "temporary", "503 5.5.1"),
        ("DATA", "451 4.7.1 greylisted", "temporary", "451 4.7.1"),
        ("DATA", "552 5.3.4 too big", "permanent", "552 5.3.4"),
        ("DATA", "554 5.7.1 spam", "permanent", "554 5.7.1"),
    ] {
        let Some(told) = told(at, how).await else { return };
        assert!(told.starts_with(kind), "{at} {how}: {told}");
        assert!(told.contains(codes), "{at} {how}: {told}");
    }
}

#[tokio::test]
async fn the_text_of_an_answer_is_told_to_nobody() {
    let link = "https://example.com/?token=secret";
    let Some(told) = told("DATA", &format!("554 5.7.1 ada@example.com {link}")).await else {
        return;
    };
    assert!(!told.contains("ada") && !told.contains("secret"), "{told}");
}

#[tokio::test]
async fn a_cut_after_the_mail_is_temporary_and_the_repeat_is_the_same_mail() {
    let Some(server) = Server::start(Mode::StartTls) else { return };
    let mailer = server.mailer();
    server.fault("DATA", "250 cut");
    server.fault("DATA", "cut");
    let mail = mail("ada@example.com");
    let error = mailer.send(&mail).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
    mailer.send(&mail).await.unwrap();
    let arrived = server.mails();
    assert_eq!(arrived.len(), 2, "the first was taken, but nobody was told");
    assert_eq!(arrived[0]["message_id"], arrived[1]["message_id"]);
}

#[tokio::test]
async fn a_server_that_never_answers_is_waited_for_no_longer_than_patience_lasts() {
    let patience = Patience {
        to_connect: Duration::from_millis(300),
        to_hand_over: Duration::from_millis(300),
    };
    let Some(mute) = Server::start(Mode::Mute) else { return };
    let mailer = SmtpMail::new(Relay { patience, ..mute.relay() }, clock()).unwrap();
    let started = Instant::now();
    let error = mailer.send(&mail("ada@example.com")).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_not_taken_for_the_answer_to_the_next_mail() {
    let Some(server) = Server::start(Mode::StartTls) else { return };
    let patience = Patience { to_hand_over: Duration::from_millis(500), ..Patience::default() };
    let mailer = SmtpMail::new(Relay { patience, ..server.relay() }, clock()).unwrap();
    for at in ["MAIL", "RCPT", "DATA"] {
        server.fault(at, "silence");
        let error = mailer.send(&mail("ada@example.com")).await.unwrap_err();
        assert!(error.to_string().contains("took too long"), "{error}");
        server.fault("RCPT", "550 5.1.1 no such user");
        let error = mailer.send(&mail("bob@example.com")).await.unwrap_err();
        assert!(matches!(error, NotSent::Permanent(_)), "{at}: {error}");
    }
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_temporary() {
    let Some(server) = Server::start(Mode::None) else { return };
    let mailer = server.mailer();
    drop(server);
    let error = mailer.send(&mail("ada@example.com")).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
}
