//! A real mail server in a process of its own: see `server.py`.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex},
};

use fastauth_domain::{email::EmailAddress, identifier::MailId, moment::Moment};
use fastauth_ports::{
    clock::Clock,
    mail::{OutgoingMail, Sender},
};
use fastauth_smtp::{Credentials, Encryption, ExtraRoots, Patience, Relay, SmtpMail};
use fastauth_testkit::clock::TurnableClock;
use rcgen::{CertifiedKey, KeyPair};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const USER: &str = "fastauth";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// What the server is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    StartTls,
    Implicit,
    None,
    /// The same, and its addresses are ASCII.
    Ascii,
    /// Does not answer.
    Mute,
    /// Takes the offer of STARTTLS out.
    Stripped,
    /// Adds answers in the open to the one that agrees to STARTTLS.
    Injecting,
}

pub(crate) struct Server {
    process: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    mode: Mode,
    port: u16,
    certificate: String,
    /// Keeps the certificate's files.
    _folder: TempDir,
}

impl Server {
    /// Starts a server; `None` if this machine cannot, and need not.
    pub(crate) fn start(mode: Mode) -> Option<Self> {
        if !can_start() {
            return None;
        }
        let folder = TempDir::new().unwrap();
        let certificate = write_certificate(folder.path());
        let mut command = Command::new("python3");
        command
            .args(["-W", "ignore"])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/relay/server.py"))
            .args(["--mode", mode.word()])
            .arg("--certificate")
            .arg(folder.path().join("certificate.pem"))
            .arg("--key")
            .arg(folder.path().join("key.pem"));
        if mode == Mode::Ascii {
            command.arg("--ascii");
        }
        if matches!(mode, Mode::StartTls | Mode::Implicit | Mode::Injecting) {
            command.args(["--user", &format!("{USER}:{PASSWORD}")]);
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let port = line(&mut output)["port"].as_u64().unwrap().try_into().unwrap();
        let pipes = Mutex::new((process.stdin.take().unwrap(), output));
        Some(Self { process, pipes, mode, port, certificate, _folder: folder })
    }

    /// How it is to be spoken to.
    pub(crate) fn relay(&self) -> Relay {
        let (encryption, signs_in) = match self.mode {
            Mode::StartTls | Mode::Mute | Mode::Stripped | Mode::Injecting => {
                (Encryption::StartTls, true)
            }
            Mode::Implicit => (Encryption::Implicit, true),
            Mode::None | Mode::Ascii => (Encryption::None, false),
        };
        let credentials = || Credentials { username: USER.to_owned(), password: PASSWORD.into() };
        Relay {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            encryption,
            credentials: signs_in.then(credentials),
            extra_roots: Some(ExtraRoots::from_pem(self.certificate.as_bytes()).unwrap()),
            patience: Patience::default(),
        }
    }

    pub(crate) fn mailer(&self) -> SmtpMail {
        SmtpMail::new(self.relay(), clock()).unwrap()
    }

    /// Makes the next command of this name go wrong.
    pub(crate) fn fault(&self, at: &str, how: &str) {
        self.ask(&json!({ "do": "fault", "at": at, "how": how }));
    }

    /// The mails that came, or what an impostor heard.
    pub(crate) fn mails(&self) -> Vec<Value> {
        let Value::Array(mails) = self.ask(&json!({ "do": "mails" })) else { panic!() };
        mails
    }

    fn ask(&self, question: &Value) -> Value {
        let mut pipes = self.pipes.lock().unwrap();
        writeln!(pipes.0, "{question}").unwrap();
        line(&mut pipes.1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Mode {
    const fn word(self) -> &'static str {
        match self {
            Self::StartTls => "starttls",
            Self::Implicit => "implicit",
            Self::None | Self::Ascii => "none",
            Self::Mute => "mute",
            Self::Stripped => "stripped",
            Self::Injecting => "injecting",
        }
    }
}

/// A clock that stands still.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(TurnableClock::default())
}

/// A mail to an address.
pub(crate) fn mail(to: &str) -> OutgoingMail {
    let address = |text| EmailAddress::parse(text).unwrap();
    let mut moment = Moment::new(TurnableClock::START, [7; 32]);
    OutgoingMail {
        id: MailId::generate(&mut moment),
        from: Sender { address: address("no-reply@example.org"), name: None },
        to: address(to),
        subject: "Hello".to_owned(),
        text: "Read this.\n".into(),
        html: None,
    }
}

fn line(output: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

/// The mail server is a program in Python. Where it cannot be had, the tests say so; where changes
/// are let in, it must be there.
#[expect(clippy::disallowed_methods, reason = "whether it must be there is not a setting")]
fn can_start() -> bool {
    let mut finds = Command::new("python3");
    finds.args(["-c", "import aiosmtpd"]).stderr(Stdio::null());
    let is_there = finds.status().is_ok_and(|status| status.success());
    if !is_there {
        let sentence = "not tested: there is no python3 with aiosmtpd (pip install aiosmtpd)";
        assert!(std::env::var_os("CI").is_none(), "{sentence}");
        eprintln!("{sentence}");
    }
    is_there
}

/// Writes a certificate of this machine and its key, and gives the certificate.
fn write_certificate(folder: &Path) -> String {
    let names = ["127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    let signing_key: KeyPair = signing_key;
    std::fs::write(folder.join("certificate.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.pem()
}
