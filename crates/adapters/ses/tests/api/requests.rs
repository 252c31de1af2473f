//! What SES is asked.

use aws_config::{BehaviorVersion, SdkConfig};
use fastauth_domain::delivery::Reason;
use fastauth_ports::mail::{NotSent, SendMail};
use fastauth_ses::{Options, SesMail, Tags};
use serde_json::json;

use crate::{
    mailer::message,
    server::{SECRET, Server, aws_config, clock, mail, mailer},
};

#[tokio::test]
async fn a_request_names_one_recipient_and_the_mail() {
    let server = Server::start().await;
    let mail = mail("Ada@bücher.example");
    let said = server.mailer().send(&mail).await.unwrap();
    assert_eq!(said, Some(Reason::new("01000001-00000000")));
    let mut request = server.requests().remove(0);
    assert!(request["Content"]["Raw"]["Data"].take().is_string());
    assert_eq!(
        request,
        json!({
            "FromEmailAddress": "no-reply@example.org",
            "Destination": { "ToAddresses": ["Ada@xn--bcher-kva.example"] },
            "Content": { "Raw": { "Data": null } },
            "EmailTags": [{ "Name": "fastauth-mail", "Value": mail.id.to_string() }],
        })
    );
}

#[tokio::test]
async fn a_request_has_the_configuration_set_and_the_tags_of_the_options() {
    let server = Server::start().await;
    let options = Options {
        configuration_set: Some("transactional".to_owned()),
        tags: Tags::new([("stage", "test"), ("app", "shop")]).unwrap(),
        ..server.options()
    };
    mailer(options).send(&mail("ada@example.com")).await.unwrap();
    let request = server.requests().remove(0);
    assert_eq!(request["ConfigurationSetName"], "transactional");
    let tags = request["EmailTags"].as_array().unwrap();
    let names: Vec<_> = tags.iter().map(|it| it["Name"].as_str().unwrap()).collect();
    assert_eq!(names, ["fastauth-mail", "app", "stage"]);
}

#[tokio::test]
async fn a_message_has_what_a_machine_that_reads_it_needs() {
    let server = Server::start().await;
    let mail = mail("ada@example.com");
    server.mailer().send(&mail).await.unwrap();
    let message = String::from_utf8(message(&server.requests()[0])).unwrap();
    for line in [
        format!("Message-ID: <{}@example.org>", mail.id).as_str(),
        "Date: Fri, 15 Jan 2027 08:00:00 +0000",
        "Auto-Submitted: auto-generated",
    ] {
        assert!(message.lines().any(|it| it == line), "{line} is not in\n{message}");
    }
}

#[tokio::test]
async fn an_address_whose_local_part_is_not_ascii_is_not_sent_to() {
    let server = Server::start().await;
    let error = server.mailer().send(&mail("josé@example.com")).await.unwrap_err();
    assert!(matches!(error, NotSent::Permanent(_)), "{error}");
    let mut from = mail("ada@example.com");
    from.from.address = mail("josé@example.com").to;
    let error = server.mailer().send(&from).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn credentials_that_are_wrong_are_temporary_and_told_to_nobody() {
    let server = Server::start().await;
    let config = aws_config("another-secret");
    let mailer = SesMail::with_aws_config(&config, server.options(), clock());
    let error = mailer.send(&mail("ada@example.com")).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
    let told = format!("{error} {error:?} {mailer:?}");
    assert!(told.contains("403 (InvalidSignatureException)"), "{told}");
    assert!(!told.contains("secret") && !told.contains("AKIA"), "{told}");
    // The stand-in tells them apart: with the right ones it takes the mail.
    server.mailer().send(&mail("ada@example.com")).await.unwrap();
}

#[tokio::test]
async fn a_program_without_credentials_is_told_so() {
    let server = Server::start().await;
    let none = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
    let mailer = SesMail::with_aws_config(&none, server.options(), clock());
    let error = mailer.send(&mail("ada@example.com")).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
    assert!(error.to_string().contains("are there credentials"), "{error}");
}

#[tokio::test]
async fn a_program_without_a_region_is_told_so() {
    let server = Server::start().await;
    let nowhere = aws_config(SECRET).into_builder().region(None).build();
    let options = Options { region: None, endpoint_url: None, ..server.options() };
    let mailer = SesMail::with_aws_config(&nowhere, options, clock());
    let error = mailer.send(&mail("ada@example.com")).await.unwrap_err();
    assert!(matches!(error, NotSent::Temporary(_)), "{error}");
    assert!(error.to_string().contains("a region?"), "{error}");
}
