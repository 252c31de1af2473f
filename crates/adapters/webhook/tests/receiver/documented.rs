//! The receiver that is shown in the documentation.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use fastauth_ports::{
    clock::Clock,
    mail::{NotSent, SendMail},
};
use fastauth_system::SystemClock;
use fastauth_testkit::clock::TurnableClock;
use fastauth_webhook::{Receiver, WebhookMail};

use crate::server::{KEY, OTHER_KEY, mail, receiver, secret, secrets};

const PAGE: &str = include_str!("../../../../../docs/how-to/send-through-a-webhook.md");
/// How the program on the page ends.
const LISTEN: &str = r#"HTTPServer(("127.0.0.1", 8080), Receiver).serve_forever()"#;
/// The same at a free port, which it tells.
const LISTEN_ANYWHERE: &str = r#"
server = HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
"#;

/// The program on the page, while it runs.
struct Documented {
    process: Child,
    output: BufReader<ChildStdout>,
    port: u16,
}

impl Documented {
    /// Starts it; `None` if this machine cannot, and need not.
    fn start() -> Option<Self> {
        if !can_start() {
            return None;
        }
        let (_, rest) = PAGE.split_once("```python\n").unwrap();
        let (program, _) = rest.split_once("```").unwrap();
        assert_eq!(program.matches(LISTEN).count(), 1);
        let mut process = Command::new("python3")
            .args(["-c", &program.replace(LISTEN, LISTEN_ANYWHERE)])
            .env("WEBHOOK_SECRET", secret(&KEY))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let port = line(&mut output).parse().unwrap();
        Some(Self { process, output, port })
    }

    /// What comes of a mail that is sent with this key at this time.
    async fn sent(&self, key: &[u8], clock: impl Clock + 'static) -> Result<(), NotSent> {
        let receiver = Receiver { secrets: secrets(&[key]), ..receiver(self.port) };
        let mailer = WebhookMail::new(receiver, Arc::new(clock)).unwrap();
        mailer.send(&mail()).await.map(drop)
    }
}

impl Drop for Documented {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn the_documented_receiver_takes_what_is_ours_and_nothing_else() {
    let Some(mut documented) = Documented::start() else { return };
    let now = SystemClock.now();
    for (key, at) in [
        (&OTHER_KEY[..], now),
        (&KEY, now.minus(Duration::from_mins(10))),
        (&KEY, now.plus(Duration::from_mins(10))),
    ] {
        let error = documented.sent(key, TurnableClock::at(at)).await.unwrap_err();
        assert!(error.to_string().contains("401"), "{error}");
    }
    documented.sent(&KEY, SystemClock).await.unwrap();
    // It tells of this one, and has told of none before.
    assert_eq!(line(&mut documented.output), "ada@example.com Hello");
}

fn line(output: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Where Python cannot be had, the test says so; where changes are let in, it must be there.
#[expect(clippy::disallowed_methods, reason = "whether it must be there is not a setting")]
fn can_start() -> bool {
    let mut asks = Command::new("python3");
    asks.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    let is_there = asks.status().is_ok_and(|status| status.success());
    if !is_there {
        let sentence = "not tested: there is no python3";
        assert!(std::env::var_os("CI").is_none(), "{sentence}");
        eprintln!("{sentence}");
    }
    is_there
}
