//! The contract of every mailer, over STARTTLS and signed in.

use std::sync::Arc;

use fastauth_ports::mail::SendMail;
use fastauth_smtp::SmtpMail;
use fastauth_testkit::{
    mailer::{Arrived, Refusal, TestedMailer},
    mailer_contract,
};
use serde_json::Value;

use crate::server::{Mode, Server};

struct Tested {
    server: Server,
    mailer: Arc<SmtpMail>,
}

#[async_trait::async_trait]
impl TestedMailer for Tested {
    fn mailer(&self) -> Arc<dyn SendMail> {
        Arc::clone(&self.mailer) as _
    }

    async fn arrived(&self) -> Vec<Arrived> {
        self.server.mails().iter().map(arrived).collect()
    }

    async fn refuse_next(&self, refusal: Refusal) -> bool {
        match refusal {
            Refusal::ForNow => {
                self.server.fault("RCPT", "450 4.2.1 <ada.lovelace@example.com>: later");
            }
            Refusal::ForGood => {
                self.server.fault("RCPT", "550 5.1.1 <ada.lovelace@example.com>: who?");
            }
        }
        true
    }
}

fn arrived(mail: &Value) -> Arrived {
    assert_eq!(mail["defects"], Value::Array(Vec::new()), "{mail}");
    let text = |name: &str| mail[name].as_str().map(ToOwned::to_owned);
    let texts = |name: &str| {
        let list = mail[name].as_array().unwrap();
        list.iter().map(|it| it.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(texts("to"), texts("envelope_to"));
    Arrived {
        id: text("message_id"),
        from: text("from_address").unwrap(),
        from_name: text("from_name"),
        recipients: texts("envelope_to"),
        headers: texts("headers"),
        subject: text("subject").unwrap(),
        text: text("text").unwrap(),
        html: text("html"),
    }
}

fn fresh() -> Option<Tested> {
    let server = Server::start(Mode::StartTls)?;
    let mailer = Arc::new(server.mailer());
    Some(Tested { server, mailer })
}

mailer_contract!(fresh());
