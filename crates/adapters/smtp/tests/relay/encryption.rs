//! Who is told what, and under which encryption.

use std::sync::Arc;

use fastauth_ports::mail::{NotSent, SendMail};
use fastauth_smtp::{Encryption, Relay, SmtpMail};
use secrecy::SecretString;

use crate::server::{Mode, PASSWORD, Server, USER, clock, mail};

/// What went wrong, temporarily, with a relay that is like the server's but for a change.
async fn failure(server: &Server, change: impl FnOnce(&mut Relay)) -> String {
    let mut relay = server.relay();
    change(&mut relay);
    let mailer = SmtpMail::new(relay, clock()).unwrap();
    let error = mailer.send(&mail("ada@example.com")).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
    let told = format!("{error} {error:?} {mailer:?}");
    assert!(!told.contains(PASSWORD), "{told}");
    told
}

#[tokio::test]
async fn mail_goes_encrypted_and_signed_in_after_starttls_and_in_implicit_tls() {
    for mode in [Mode::StartTls, Mode::Implicit] {
        let Some(server) = Server::start(mode) else { return };
        server.mailer().send(&mail("ada@example.com")).await.unwrap();
        let arrived = server.mails();
        assert_eq!((&arrived[0]["encrypted"], &arrived[0]["user"]), (&true.into(), &USER.into()));
    }
}

#[tokio::test]
async fn mail_goes_in_the_open_only_when_that_is_what_was_asked_for() {
    let Some(server) = Server::start(Mode::None) else { return };
    server.mailer().send(&mail("ada@example.com")).await.unwrap();
    assert_eq!(server.mails()[0]["encrypted"], false);
    let told = failure(&server, |relay| relay.encryption = Encryption::StartTls).await;
    assert!(told.contains("does not offer STARTTLS"), "{told}");
    failure(&server, |relay| relay.encryption = Encryption::Implicit).await;
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_server_whose_starttls_is_stripped_is_told_nothing() {
    let Some(server) = Server::start(Mode::Stripped) else { return };
    let told = failure(&server, |_| ()).await;
    assert!(told.contains("does not offer STARTTLS"), "{told}");
    let heard = format!("{:?}", server.mails());
    assert!(heard.contains("EHLO"), "{heard}");
    for secret in ["AUTH", "MAIL", "RCPT", "DATA", "Hello"] {
        assert!(!heard.contains(secret), "{heard}");
    }
}

#[tokio::test]
async fn answers_that_come_with_the_one_to_starttls_count_for_nothing() {
    let Some(server) = Server::start(Mode::Injecting) else { return };
    // Whoever believed them would take the mail for handed over, when it is refused.
    server.fault("DATA", "451 4.3.0 later");
    let told = failure(&server, |_| ()).await;
    assert!(told.contains("the change to TLS"), "{told}");
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_ends_it() {
    for mode in [Mode::StartTls, Mode::Implicit] {
        let Some(server) = Server::start(mode) else { return };
        let told = failure(&server, |relay| relay.extra_roots = None).await;
        assert!(told.contains("certificate"), "{told}");
        // The certificate is another machine's.
        failure(&server, |relay| relay.host = "localhost".to_owned()).await;
        assert!(server.mails().is_empty());
    }
}

#[tokio::test]
async fn a_wrong_password_is_temporary_because_it_can_be_put_right() {
    let Some(server) = Server::start(Mode::StartTls) else { return };
    let told = failure(&server, |relay| {
        let credentials = relay.credentials.as_mut().unwrap();
        credentials.password = SecretString::from("changed yesterday");
    })
    .await;
    assert!(told.contains("535") && !told.contains("yesterday"), "{told}");
    let told = failure(&server, |relay| relay.credentials = None).await;
    assert!(told.contains("530"), "{told}");
    let mailer = Arc::new(server.mailer());
    mailer.send(&mail("ada@example.com")).await.unwrap();
    assert_eq!(server.mails().len(), 1);
}
