//! Connections, and what they carry.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use fastauth_ports::mail::{NotSent, SendMail};
use fastauth_smtp::SmtpMail;
use fastauth_testkit::clock::TurnableClock;

use crate::server::{Mode, Server, mail};

fn connections(server: &Server) -> usize {
    let mails = server.mails();
    mails.iter().map(|mail| mail["connection"].as_u64()).collect::<BTreeSet<_>>().len()
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_mail_but_not_for_ever() {
    let Some(server) = Server::start(Mode::StartTls) else { return };
    let clock = Arc::new(TurnableClock::default());
    let mailer = SmtpMail::new(server.relay(), Arc::clone(&clock) as _).unwrap();
    for _ in 0..3 {
        mailer.send(&mail("ada@example.com")).await.unwrap();
    }
    server.fault("RCPT", "550 5.1.1 no such user");
    mailer.send(&mail("nobody@example.com")).await.unwrap_err();
    mailer.send(&mail("ada@example.com")).await.unwrap();
    assert_eq!((server.mails().len(), connections(&server)), (4, 1));
    clock.advance(Duration::from_mins(1));
    mailer.send(&mail("ada@example.com")).await.unwrap();
    assert_eq!(connections(&server), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_that_are_sent_at_once_all_arrive() {
    let Some(server) = Server::start(Mode::StartTls) else { return };
    let mailer = Arc::new(server.mailer());
    let mut sending = tokio::task::JoinSet::new();
    for nth in 0..20 {
        let mailer = Arc::clone(&mailer);
        let to = format!("reader{nth}@example.com");
        sending.spawn(async move { mailer.send(&mail(&to)).await });
    }
    assert!(sending.join_all().await.iter().all(Result::is_ok));
    let recipients: BTreeSet<_> =
        server.mails().iter().map(|mail| mail["envelope_to"].to_string()).collect();
    assert_eq!(recipients.len(), 20);
}

#[tokio::test]
async fn an_address_beyond_ascii_goes_where_it_is_taken_and_nowhere_else() {
    let Some(server) = Server::start(Mode::None) else { return };
    server.mailer().send(&mail("josé@bücher.example")).await.unwrap();
    assert_eq!(server.mails()[0]["envelope_to"][0], "josé@xn--bcher-kva.example");

    let Some(server) = Server::start(Mode::Ascii) else { return };
    let error = server.mailer().send(&mail("josé@example.com")).await.unwrap_err();
    assert!(matches!(error, NotSent::Permanent(_)), "{error}");
    // A domain has an ASCII form.
    server.mailer().send(&mail("jose@bücher.example")).await.unwrap();
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_message_has_what_a_machine_that_reads_it_needs() {
    let Some(server) = Server::start(Mode::None) else { return };
    server.mailer().send(&mail("ada@example.com")).await.unwrap();
    let arrived = server.mails().remove(0);
    assert_eq!(arrived["auto_submitted"], "auto-generated");
    assert_eq!(arrived["date"], "2027-01-15T08:00:00+00:00");
    assert_eq!(arrived["envelope_from"], "no-reply@example.org");
    assert!(arrived["message_id"].as_str().unwrap().ends_with("@example.org>"));
    assert_eq!(arrived["type"], "text/plain");
}
