//! The contract of every mailer.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use fastauth_ports::mail::SendMail;
use fastauth_ses::SesMail;
use fastauth_testkit::{
    mailer::{Arrived, Refusal, TestedMailer},
    mailer_contract,
};
use mail_parser::{Address, MessageParser};
use serde_json::Value;

use crate::server::{Answer, Server};

struct Tested {
    server: Server,
    mailer: Arc<SesMail>,
}

#[async_trait::async_trait]
impl TestedMailer for Tested {
    fn mailer(&self) -> Arc<dyn SendMail> {
        Arc::clone(&self.mailer) as _
    }

    async fn arrived(&self) -> Vec<Arrived> {
        self.server.requests().iter().map(arrived).collect()
    }

    async fn refuse_next(&self, refusal: Refusal) -> bool {
        let (status, code) = match refusal {
            Refusal::ForNow => (429, "TooManyRequestsException"),
            Refusal::ForGood => (400, "MessageRejected"),
        };
        let message = "ada.lovelace@example.com was sent: Read this.";
        self.server.answer(Answer::error(status, code, message));
        true
    }
}

/// The message in a request.
pub(crate) fn message(request: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(request["Content"]["Raw"]["Data"].as_str().unwrap()).unwrap()
}

fn arrived(request: &Value) -> Arrived {
    let content = message(request);
    let parsed = MessageParser::default().parse(&content).unwrap();
    let to = request["Destination"]["ToAddresses"].as_array().unwrap();
    let recipients: Vec<_> = to.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    assert_eq!(addresses(parsed.to()), recipients);
    assert_eq!(addresses(parsed.from()), [request["FromEmailAddress"].as_str().unwrap()]);
    let from = parsed.from().and_then(Address::first).unwrap();
    let body = |text: Option<std::borrow::Cow<'_, str>>| text.map(|it| it.replace("\r\n", "\n"));
    let has_html = parsed.parts.len() > 1;
    Arrived {
        id: parsed.message_id().map(ToOwned::to_owned),
        from: from.address().unwrap().to_owned(),
        from_name: from.name().map(ToOwned::to_owned),
        recipients,
        headers: parsed.headers().iter().map(|it| it.name().to_lowercase()).collect(),
        subject: parsed.subject().unwrap_or_default().to_owned(),
        text: body(parsed.body_text(0)).unwrap(),
        html: if has_html { body(parsed.body_html(0)) } else { None },
    }
}

fn addresses(header: Option<&Address<'_>>) -> Vec<String> {
    header.unwrap().iter().map(|it| it.address().unwrap().to_owned()).collect()
}

async fn fresh() -> Option<Tested> {
    let server = Server::start().await;
    let mailer = Arc::new(server.mailer());
    Some(Tested { server, mailer })
}

mailer_contract!(fresh().await);
