//! The contract of every mailer.

use std::sync::Arc;

use axum::http::StatusCode;
use fastauth_ports::mail::SendMail;
use fastauth_testkit::{
    mailer::{Arrived, Refusal, TestedMailer},
    mailer_contract,
};
use fastauth_webhook::WebhookMail;

use crate::server::{Request, Server, mailer, receiver};

struct Tested {
    server: Server,
    mailer: Arc<WebhookMail>,
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
        let status = match refusal {
            Refusal::ForNow => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::ForGood => StatusCode::UNPROCESSABLE_ENTITY,
        };
        self.server.answer_next((status, "not to ada.lovelace@example.com: Read this."));
        true
    }
}

fn arrived(request: &Request) -> Arrived {
    let mail = &request.body["data"];
    let text = |name: &str| mail[name].as_str().map(ToOwned::to_owned);
    assert_eq!(request.headers["webhook-id"], text("id").unwrap());
    Arrived {
        id: text("id"),
        from: text("from").unwrap(),
        from_name: text("from_name"),
        recipients: vec![text("to").unwrap()],
        headers: Vec::new(),
        subject: text("subject").unwrap(),
        text: text("text").unwrap(),
        html: text("html"),
    }
}

async fn fresh() -> Option<Tested> {
    let server = Server::start().await;
    let mailer = Arc::new(mailer(receiver(server.port)));
    Some(Tested { server, mailer })
}

mailer_contract!(fresh().await);
