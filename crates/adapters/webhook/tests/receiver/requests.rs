//! What a receiver is told, and what it can tell by it.

use std::{sync::Arc, time::Duration};

use fastauth_domain::account::DisplayName;
use fastauth_ports::mail::{NotSent, SendMail};
use fastauth_testkit::clock::TurnableClock;
use fastauth_webhook::{Receiver, WebhookMail};
use serde_json::json;

use crate::server::{KEY, OTHER_KEY, Server, mail, mailer, receiver, secrets};

#[tokio::test]
async fn a_mail_is_one_json_object() {
    let server = Server::start().await;
    let mut mail = mail();
    mail.from.name = DisplayName::parse("Bücher & Söhne").ok();
    mail.html = Some("<p>Hello</p>".into());
    let said = mailer(receiver(server.port)).send(&mail).await.unwrap();
    assert_eq!(said.unwrap().as_str(), "127.0.0.1 answered 202");
    let request = &server.requests()[0];
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.headers["webhook-timestamp"], "1800000000");
    assert_eq!(
        request.body,
        json!({
            "type": "mail.send",
            "timestamp": "2027-01-15T08:00:00Z",
            "data": {
                "id": mail.id.to_string(),
                "to": "ada@example.com",
                "from": "no-reply@xn--bcher-kva.example",
                "from_name": "Bücher & Söhne",
                "subject": "Hello",
                "text": "https://example.com/?token=abc\n",
                "html": "<p>Hello</p>",
            },
        })
    );
}

#[tokio::test]
async fn a_repeat_has_the_identifier_of_the_first_and_a_time_of_its_own() {
    let server = Server::start().await;
    let clock = Arc::new(TurnableClock::default());
    let mailer = WebhookMail::new(receiver(server.port), Arc::clone(&clock) as _).unwrap();
    mailer.send(&mail()).await.unwrap();
    clock.advance(Duration::from_mins(10));
    mailer.send(&mail()).await.unwrap();
    let header = |name: &str| {
        let requests = server.requests();
        requests.iter().map(|it| it.headers[name].to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(header("webhook-id"), vec![mail().id.to_string(); 2]);
    assert_eq!(header("webhook-timestamp"), ["1800000000", "1800000600"]);
}

#[tokio::test]
async fn a_receiver_notices_a_wrong_secret_and_the_mail_is_kept() {
    let server = Server::start().await;
    let wrong = Receiver { secrets: secrets(&[&OTHER_KEY]), ..receiver(server.port) };
    let error = mailer(wrong).send(&mail()).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)) && error.to_string().contains("401"), "{error}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn while_a_secret_is_replaced_the_receiver_may_know_the_old_or_the_new_one() {
    let server = Server::start().await;
    for keys in [[&KEY[..], &OTHER_KEY], [&OTHER_KEY, &KEY]] {
        let both = Receiver { secrets: secrets(&keys), ..receiver(server.port) };
        mailer(both).send(&mail()).await.unwrap();
    }
    assert_eq!(server.requests().len(), 2);
}
