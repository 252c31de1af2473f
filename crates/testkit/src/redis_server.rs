//! A Redis or Valkey server of a test's own, in a throw-away directory on a free port of 127.0.0.1.

#![expect(
    clippy::missing_panics_doc,
    clippy::print_stderr,
    clippy::unwrap_used,
    missing_debug_implementations,
    reason = "in a test, whatever fails fails it, and it tells why it did not run"
)]

use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// What the program is called.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
/// The password of every server. Others on this machine reach its port, too.
const PASSWORD: &str = "correct-horse-battery";
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that keeps nothing over a restart. It is stopped when this is dropped.
pub struct RedisServer {
    program: &'static str,
    port: u16,
    process: Option<Child>,
    folder: TempDir,
}

impl RedisServer {
    /// Starts a server; `None` if none is installed on this machine. Where changes are let in (`CI` is
    /// set), it must be.
    #[expect(clippy::disallowed_methods, reason = "whether it must be there is not a setting")]
    pub fn start() -> Option<Self> {
        let Some(program) = PROGRAMS.into_iter().find(|program| is_installed(program)) else {
            let sentence = "not tested: there is no redis-server (apt-get install redis-server)";
            assert!(std::env::var_os("CI").is_none(), "{sentence}");
            eprintln!("{sentence}");
            return None;
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut server = Self { program, port, process: None, folder: TempDir::new().unwrap() };
        server.restart();
        Some(server)
    }

    /// Where it is, with its password.
    pub fn url(&self) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    /// Its process. There is none when it was stopped.
    pub fn process(&self) -> Option<&Child> {
        self.process.as_ref()
    }

    /// Ends it at once.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it again, empty, at the same port.
    pub fn restart(&mut self) {
        self.stop();
        let mut command = Command::new(self.program);
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args(["--save", "", "--appendonly", "no", "--requirepass", PASSWORD]);
        self.process = Some(command.spawn().unwrap());
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(started.elapsed() < PATIENCE, "{} does not answer", self.program);
            sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn is_installed(program: &str) -> bool {
    let mut asks = Command::new(program);
    asks.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    asks.status().is_ok_and(|status| status.success())
}
