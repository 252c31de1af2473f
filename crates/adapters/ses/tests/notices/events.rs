//! What SES tells of mail.

use fastauth_domain::{
    delivery::{Event, Notice, Reason},
    identifier::MailId,
};
use serde_json::{Value, json};

use crate::sns::{body, notification, read, signed, unsigned};

const ID: &str = "01a2076e-f59e-7023-b05c-184f3a938aca";

/// What SES says of the mail itself, when it publishes an event.
fn tagged() -> Value {
    json!({
        "timestamp": "2027-01-15T07:59:50.000Z",
        "messageId": "0107018f-00000000-0000-0000-0000-000000000000-000000",
        "destination": ["ada@example.com"],
        "headers": [{ "name": "Message-ID", "value": "<somebody@example.org>" }],
        "tags": { "ses:configuration-set": ["transactional"], "fastauth-mail": [ID] },
    })
}

/// The same in a notification of an identity, which has no tags.
fn untagged() -> Value {
    json!({
        "timestamp": "2027-01-15T07:59:50.000Z",
        "messageId": "0107018f-00000000-0000-0000-0000-000000000000-000000",
        "headersTruncated": false,
        "headers": [
            { "name": "From", "value": "no-reply@example.org" },
            { "name": "Message-ID", "value": format!("<{ID}@example.org>") },
        ],
    })
}

fn bounce(kind: &str, sub_type: &str) -> Value {
    let recipient = json!({
        "emailAddress": "ada@example.com",
        "action": "failed",
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 <ada@example.com>: no such user",
    });
    json!({ "bounceType": kind, "bounceSubType": sub_type, "bouncedRecipients": [recipient] })
}

fn notice(event: Event, reason: Option<&str>) -> Notice {
    let mail: MailId = ID.parse().unwrap();
    Notice { mail, event, reason: reason.map(Reason::new) }
}

#[tokio::test]
async fn deliveries_bounces_and_complaints_are_told_in_both_formats() {
    let complaint = json!({
        "complainedRecipients": [{ "emailAddress": "ada@example.com" }],
        "complaintFeedbackType": "abuse",
        "complaintSubType": null,
    });
    for (format, mail) in [("eventType", tagged()), ("notificationType", untagged())] {
        for (kind, part, content, event, reason) in [
            ("Delivery", "delivery", json!({}), Event::Delivered, None),
            (
                "Bounce",
                "bounce",
                bounce("Permanent", "NoEmail"),
                Event::HardBounce,
                Some("Permanent NoEmail 5.1.1"),
            ),
            (
                "Bounce",
                "bounce",
                bounce("Transient", "MailboxFull"),
                Event::SoftBounce,
                Some("Transient MailboxFull 5.1.1"),
            ),
            (
                "Bounce",
                "bounce",
                bounce("Undetermined", "Undetermined"),
                Event::SoftBounce,
                Some("Undetermined Undetermined 5.1.1"),
            ),
            ("Complaint", "complaint", complaint.clone(), Event::Complaint, Some("abuse")),
        ] {
            let told = json!({ format: kind, "mail": mail, part: content });
            let notices = read(&notification(&told)).await.unwrap();
            assert_eq!(notices, [notice(event, reason)], "{told}");
        }
    }
}

#[tokio::test]
async fn a_reason_does_not_tell_the_address() {
    let mut bounce = bounce("Permanent", "ada@example.com");
    bounce["bouncedRecipients"][0]["status"] = "5.1.1 ada@example.com".into();
    let told = json!({ "eventType": "Bounce", "mail": tagged(), "bounce": bounce });
    let notices = read(&notification(&told)).await.unwrap();
    assert_eq!(notices, [notice(Event::HardBounce, Some("Permanent"))]);
}

#[tokio::test]
async fn what_is_not_about_our_mail_comes_to_nothing() {
    let mut strange_tag = tagged();
    strange_tag["tags"]["fastauth-mail"] = json!(["42"]);
    let mut other_header = untagged();
    other_header["headers"][1]["value"] = "<CAF=x@mail.example.com>".into();
    let mut no_headers = untagged();
    no_headers["headers"].take();
    let bounce = bounce("Permanent", "General");
    for told in [
        json!({ "eventType": "Send", "mail": tagged(), "send": {} }),
        json!({ "eventType": "Open", "mail": tagged(), "open": {} }),
        json!({ "eventType": "DeliveryDelay", "mail": tagged(), "deliveryDelay": {} }),
        json!({ "eventType": "Invented", "mail": tagged() }),
        json!({ "eventType": "Bounce", "mail": tagged() }),
        json!({ "notificationType": "AmazonSnsSubscriptionSucceeded" }),
        json!({ "eventType": "Bounce", "mail": strange_tag, "bounce": bounce }),
        json!({ "notificationType": "Bounce", "mail": other_header, "bounce": bounce }),
        json!({ "notificationType": "Bounce", "mail": no_headers, "bounce": bounce }),
        json!([]),
        json!("Successfully validated SNS topic for Amazon SES event publishing."),
    ] {
        assert_eq!(read(&notification(&told)).await.unwrap(), [], "{told}");
    }
}

#[tokio::test]
async fn a_sentence_and_a_subject_are_no_trouble() {
    let sentence = "Successfully validated SNS topic for Amazon SES event publishing.";
    let greeting = body(&signed(unsigned("Notification", sentence)));
    assert_eq!(read(&greeting).await.unwrap(), []);

    let told = json!({ "eventType": "Delivery", "mail": tagged(), "delivery": {} }).to_string();
    let mut message = unsigned("Notification", &told);
    message["Subject"] = "Amazon SES Email Event Notification".into();
    let notices = read(&body(&signed(message))).await.unwrap();
    assert_eq!(notices, [notice(Event::Delivered, None)]);
}
