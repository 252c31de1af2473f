//! A mail server in a process of its own: see `server.py`.

use std::{process::Stdio, sync::Arc};

use fastauth_smtp::{Encryption, Patience, Relay, SmtpMail};
use fastauth_system::SystemClock;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::Failure;

const PROGRAM: &str = include_str!("server.py");

/// It ends with its handle.
pub(crate) struct MailServer {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    port: u16,
    _process: Child,
}

impl MailServer {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let mut command = Command::new("python3");
        command.args(["-W", "ignore", "-c", PROGRAM]).kill_on_drop(true);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = process.stdin.take().ok_or("no standard input")?;
        let output = process.stdout.take().ok_or("no standard output")?;
        let mut output = BufReader::new(output).lines();
        let line = output.next_line().await?;
        let advice = "there is no python3 with aiosmtpd (pip install aiosmtpd)";
        let port = line.ok_or(advice)?.parse()?;
        Ok(Self { input, output, port, _process: process })
    }

    /// Sends mail there, with connections of its own.
    pub(crate) fn mailer(&self) -> Result<SmtpMail, Failure> {
        let relay = Relay {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            encryption: Encryption::None,
            credentials: None,
            extra_roots: None,
            patience: Patience::default(),
        };
        Ok(SmtpMail::new(relay, Arc::new(SystemClock))?)
    }

    /// Sees that it has so many mails, and as many again as were sent again.
    pub(crate) async fn check(mut self, mails: usize, repeated: usize) -> Result<(), Failure> {
        self.input.write_all(b"\n").await?;
        let line = self.output.next_line().await?.ok_or("the mail server has ended")?;
        let came: Value = serde_json::from_str(&line)?;
        if came == json!({ "mails": mails + repeated, "different": mails }) {
            return Ok(());
        }
        Err(format!("the mail server has got {came} of {mails} mails").into())
    }
}
