//! A service that writes down all that it hears, octet by octet.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use fastauth_breaches::{BreachSource, RangeSearch};
use fastauth_domain::{
    email::EmailAddress,
    password::{NewPassword, PasswordPolicy},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A password, the digits of its hash that are told, and those that are not.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const PREFIX: &str = "ABF7A";
pub(crate) const SUFFIX: &str = "AD6438836DBE526AA231ABDE2D0EEF74D42";
/// The rest of some other hash of the same range.
pub(crate) const OTHER: &str = "00000000000000000000000000000000001";

/// What a service does with a question.
#[derive(Clone)]
pub(crate) enum Act {
    /// Answers with these octets.
    Say(Vec<u8>),
    /// Answers after a while, an octet at a time.
    Dribble(Vec<u8>, Duration),
    /// Says nothing for as long as anybody waits.
    Wait,
    /// Hangs up.
    HangUp,
}

impl Act {
    /// An answer of this status and with this body.
    pub(crate) fn answer(status: &str, body: &str) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n");
        Self::Say(format!("{head}connection: close\r\n\r\n{body}").into_bytes())
    }

    pub(crate) fn rows(rows: &[(&str, u32)]) -> Self {
        let lines: Vec<_> =
            rows.iter().map(|(suffix, count)| format!("{suffix}:{count}")).collect();
        Self::answer("200 OK", &lines.join("\r\n"))
    }
}

/// Listens until it is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Does the same with every question.
    pub(crate) async fn start(act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let notes = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(attend(stream, act.clone(), Arc::clone(&notes)));
            }
        });
        Self { port, heard, task }
    }

    /// Every request, as it came.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn search(&self) -> RangeSearch {
        search(&self.url())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn attend(mut stream: TcpStream, act: Act, heard: Arc<Mutex<Vec<String>>>) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    heard.lock().unwrap().push(String::from_utf8(request).unwrap());
    match act {
        Act::Say(octets) => stream.write_all(&octets).await,
        Act::Dribble(octets, pause) => {
            for octet in octets {
                tokio::time::sleep(pause).await;
                stream.write_u8(octet).await?;
            }
            Ok(())
        }
        Act::Wait => stream.read_to_end(&mut Vec::new()).await.map(drop),
        Act::HangUp => Ok(()),
    }
}

/// Searches whatever listens there.
pub(crate) fn search(url: &str) -> RangeSearch {
    RangeSearch::new(BreachSource::parse(url).unwrap()).unwrap()
}

pub(crate) fn password(text: &str) -> NewPassword {
    let owner = EmailAddress::parse("ada.lovelace@example.com").unwrap();
    let policy = PasswordPolicy { min_length: 8, max_length: 128, product: None };
    NewPassword::parse(&text.into(), (&owner).into(), &policy).unwrap()
}
