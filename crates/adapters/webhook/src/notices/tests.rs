use fastauth_domain::identifier::MailId;
use fastauth_testkit::clock::TurnableClock;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const SECRET: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const OTHER_SECRET: &str = "whsec_AgICAgICAgICAgICAgICAgICAgICAgIC";
const MAIL: &str = "01a2076e-f59e-7023-b05c-184f3a938aca";
/// When requests are made.
const NOW: i64 = TurnableClock::START.unix_micros() / 1_000_000;

/// A request as it comes in.
#[derive(Clone, Debug)]
struct Request {
    id: String,
    timestamp: String,
    signature: String,
    body: Vec<u8>,
}

impl Request {
    /// One that is signed with these secrets.
    fn signed(secrets: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let timestamp = NOW.to_string();
        let message = Message { id: "msg_1", timestamp: &timestamp, body: &body };
        let signature = Secrets::parse(secrets).unwrap().sign(&message);
        Self { id: "msg_1".to_owned(), timestamp, signature, body }
    }

    fn notice() -> Self {
        Self::signed(SECRET, text("mail.bounced", &json!({ "mail": MAIL, "permanent": true })))
    }

    /// What becomes of it so many seconds later.
    fn received_after(&self, seconds: i64) -> Result<Vec<Notice>, NoticeRefused> {
        let now = Timestamp::from_unix_micros((NOW + seconds) * 1_000_000);
        let secrets = Secrets::parse(SECRET).unwrap();
        let headers = SignatureHeaders {
            id: &self.id,
            timestamp: &self.timestamp,
            signature: &self.signature,
        };
        SignedNotices::new(secrets, Arc::new(TurnableClock::at(now))).receive(headers, &self.body)
    }

    fn received(&self) -> Result<Vec<Notice>, NoticeRefused> {
        self.received_after(0)
    }
}

fn text(kind: &str, data: &Value) -> String {
    json!({ "type": kind, "timestamp": "2027-01-15T08:00:00Z", "data": data }).to_string()
}

/// What comes of data that somebody who knows the secret sends.
fn told(kind: &str, data: &Value) -> Result<Vec<Notice>, NoticeRefused> {
    Request::signed(SECRET, text(kind, data)).received()
}

fn notice(event: Event) -> Notice {
    Notice { mail: MAIL.parse::<MailId>().unwrap(), event, reason: None }
}

#[test]
fn each_kind_of_notice_is_understood() {
    let mail = json!({ "mail": MAIL });
    assert_eq!(told("mail.delivered", &mail), Ok(vec![notice(Event::Delivered)]));
    assert_eq!(told("mail.complained", &mail), Ok(vec![notice(Event::Complaint)]));
    for (permanent, event) in [(true, Event::HardBounce), (false, Event::SoftBounce)] {
        let data =
            json!({ "mail": MAIL, "permanent": permanent, "reason": "550 5.1.1\r\nno user" });
        let reason = Some(Reason::new("550 5.1.1 no user"));
        assert_eq!(told("mail.bounced", &data), Ok(vec![Notice { reason, ..notice(event) }]));
    }
}

#[test]
fn what_is_not_about_our_mail_is_passed_over() {
    assert_eq!(told("mail.opened", &json!({ "mail": MAIL })), Ok(Vec::new()));
    assert_eq!(told("mail.send", &json!({ "id": MAIL })), Ok(Vec::new()));
    assert_eq!(told("invoice.paid", &json!([1])), Ok(Vec::new()));
    assert_eq!(Request::signed(SECRET, r#"{"type":"ping"}"#).received(), Ok(Vec::new()));
    let newsletter = json!({ "mail": "newsletter-7", "permanent": true });
    for kind in ["mail.delivered", "mail.bounced", "mail.complained"] {
        assert_eq!(told(kind, &newsletter), Ok(Vec::new()), "{kind}");
    }
}

#[test]
fn what_is_signed_but_no_notice_is_refused() {
    for data in [json!(null), json!({}), json!({ "mail": 7 }), json!([]), json!(MAIL)] {
        for kind in ["mail.delivered", "mail.bounced", "mail.complained"] {
            assert_eq!(told(kind, &data), Err(NoticeRefused::Body), "{kind} {data}");
        }
    }
    for body in ["", "{}", "[]", "null", "{\"type\":7}", "mail.bounced", "{\"type\":\"ping\"} x"] {
        let request = Request::signed(SECRET, body);
        assert_eq!(request.received(), Err(NoticeRefused::Body), "{body}");
    }
}

#[test]
fn a_bounce_has_to_say_whether_it_is_permanent() {
    for data in [json!({ "mail": MAIL }), json!({ "mail": MAIL, "permanent": "yes" })] {
        assert_eq!(told("mail.bounced", &data), Err(NoticeRefused::Body), "{data}");
    }
}

#[test]
fn a_request_that_was_tampered_with_is_refused() {
    let honest = Request::notice();
    assert!(honest.received().is_ok());

    let mut body = honest.clone();
    body.body.push(b' ');
    let id = Request { id: "msg_2".to_owned(), ..honest.clone() };
    let later = Request { timestamp: (NOW + 1).to_string(), ..honest.clone() };
    let respelt = Request { timestamp: format!("+{NOW}"), ..honest.clone() };
    for forged in [body, id, later, respelt] {
        assert_eq!(forged.received(), Err(NoticeRefused::Signature), "{forged:?}");
    }
}

#[test]
fn a_request_without_a_signature_of_a_known_secret_is_refused() {
    let honest = Request::notice();
    let strangers = Request::signed(OTHER_SECRET, honest.body.clone()).signature;
    let code = honest.signature.strip_prefix("v1,").unwrap();
    for signature in [
        String::new(),
        "v1,".to_owned(),
        code.to_owned(),
        format!("v1a,{code}"),
        format!("v2,{code}"),
        honest.signature.replace("v1,", "v1,A"),
        honest.signature.to_ascii_uppercase(),
        honest.signature.chars().take(20).collect(),
        strangers,
    ] {
        let forged = Request { signature, ..honest.clone() };
        assert_eq!(forged.received(), Err(NoticeRefused::Signature), "{forged:?}");
    }
}

#[test]
fn every_bit_of_the_body_is_signed() {
    let honest = Request::notice();
    for bit in 0..honest.body.len() * 8 {
        let mut forged = honest.clone();
        forged.body[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(forged.received(), Err(NoticeRefused::Signature), "bit {bit}");
    }
}

#[test]
fn any_of_several_secrets_is_enough_on_either_side() {
    let body = text("mail.delivered", &json!({ "mail": MAIL }));
    let both = format!("{OTHER_SECRET} {SECRET}");
    assert!(Request::signed(&both, body.clone()).received().is_ok());
    let request = Request::signed(OTHER_SECRET, body);
    assert_eq!(request.received(), Err(NoticeRefused::Signature));
    let clock = Arc::new(TurnableClock::default());
    let notices = SignedNotices::new(Secrets::parse(&both).unwrap(), clock);
    let Request { id, timestamp, signature, body } = &request;
    assert!(notices.receive(SignatureHeaders { id, timestamp, signature }, body).is_ok());
}

#[test]
fn a_request_is_good_for_five_minutes_around_its_time_and_no_longer() {
    let request = Request::notice();
    for seconds in [-300, -1, 0, 1, 300] {
        assert!(request.received_after(seconds).is_ok(), "{seconds}");
    }
    for seconds in [-1_000_000, -301, 301, 1_000_000] {
        let refused = Err(NoticeRefused::Timestamp);
        assert_eq!(request.received_after(seconds), refused, "{seconds}");
    }
}

#[test]
fn what_is_no_time_is_refused() {
    let honest = Request::notice();
    for timestamp in ["", " ", "now", "-1", "1800000000.5", "1800000000 ", "9223372036854775807"] {
        let forged = Request { timestamp: timestamp.to_owned(), ..honest.clone() };
        assert_eq!(forged.received(), Err(NoticeRefused::Timestamp), "{timestamp}");
    }
}

#[test]
fn no_identifier_passes_for_part_of_another_message() {
    let honest = Request::notice();
    for id in ["", ".", "msg_1.1800000000", "msg.1"] {
        let forged = Request { id: id.to_owned(), ..honest.clone() };
        assert_eq!(forged.received(), Err(NoticeRefused::Id), "{id}");
    }
}

#[test]
fn no_secret_is_shown() {
    let notices =
        SignedNotices::new(Secrets::parse(SECRET).unwrap(), Arc::new(TurnableClock::default()));
    assert_eq!(format!("{notices:?}"), "SignedNotices { .. }");
}

/// JSON of any shape, with the words of a notice in it more often than by chance.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof!["mail\\.(delivered|bounced|complained)", Just(MAIL.to_owned()), ".*"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop_oneof!["type|data|mail|permanent|reason", ".*"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..5).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn octets_of_any_kind_are_read_or_refused(body: Vec<u8>) {
        let outcome = Request::signed(SECRET, body).received();
        prop_assert!(matches!(outcome, Ok(_) | Err(NoticeRefused::Body)));
    }

    #[test]
    fn json_of_any_shape_is_read_or_refused(body in any_json()) {
        let outcome = Request::signed(SECRET, body.to_string()).received();
        let is_sound = match &outcome {
            Ok(notices) => notices.iter().all(|it| it.mail == MAIL.parse().unwrap()),
            Err(refused) => *refused == NoticeRefused::Body,
        };
        prop_assert!(is_sound, "{:?}", outcome);
    }

    #[test]
    fn nobody_gets_through_with_headers_that_they_made_up(
        id: String, timestamp in "[0-9]{0,20}|18000000[0-9]{2}|.*", signature in "(v1,[A-Za-z0-9+/]{43}= ?)*|.*",
    ) {
        let forged = Request { id, timestamp, signature, ..Request::notice() };
        prop_assert!(forged.received().is_err());
    }
}

#[test]
fn json_that_is_nested_without_end_is_refused() {
    let body = format!("{{\"type\":\"mail.bounced\",\"data\":{}", "[".repeat(100_000));
    assert_eq!(Request::signed(SECRET, body).received(), Err(NoticeRefused::Body));
}
