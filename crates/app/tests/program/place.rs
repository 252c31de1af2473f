//! A folder to start the program in, and the program in it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{client::Client, mail};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// An empty folder, a free port, and an environment with nothing in it.
pub(crate) struct Place {
    folder: Arc<TempDir>,
    pub(crate) port: u16,
    environment: Vec<(String, String)>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let port = free_port();
        let folder = Arc::new(TempDir::new().unwrap());
        let place = Self { folder, port, environment: Vec::new() };
        place.with("PORT", &port.to_string()).with("LOG", "warn").without_limits()
    }

    /// The same where one client may ask for anything as often as it likes: everybody in a test is the
    /// same one.
    fn without_limits(self) -> Self {
        ["REGISTER", "LOGIN", "RESEND", "RESET"]
            .into_iter()
            .fold(self, |place, what| place.with(&format!("RATE_LIMIT_{what}"), "off"))
    }

    /// The same with a variable in the environment.
    pub(crate) fn with(mut self, name: &str, text: &str) -> Self {
        self.set(name, text);
        self
    }

    /// Sets a variable in the environment of what is started from now on.
    pub(crate) fn set(&mut self, name: &str, text: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), text.to_owned()));
    }

    /// The same with a file in the folder.
    pub(crate) fn with_file(self, name: &str, content: &str) -> Self {
        fs::write(self.path(name), content).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program with these arguments, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_fastauth"), arguments)
    }

    /// The same of another program, which is to become this one.
    pub(crate) fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .envs(self.environment.iter().map(|(name, text)| (name, text)))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The same with something to read.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = piped.spawn().unwrap();
        // One that refuses what it was asked for ends without reading.
        let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
        process.wait_with_output().unwrap()
    }

    /// Starts the server, and waits until it says that it listens.
    pub(crate) fn start(&self) -> Program {
        self.start_by(&mut self.command(&[]))
    }

    /// The same by way of another command.
    pub(crate) fn start_by(&self, command: &mut Command) -> Program {
        let mut program = self.spawn(command);
        program.wait_for("Ctrl-C stops it.");
        program
    }

    /// Starts a command, and waits for nothing.
    pub(crate) fn spawn(&self, command: &mut Command) -> Program {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = Shared::of(process.stdout.take().unwrap());
        let errors = Shared::of(process.stderr.take().unwrap());
        let folder = Arc::clone(&self.folder);
        Program { process, port: self.port, output, errors, _folder: folder }
    }
}

/// A port that nobody listens on now, and that is given to nobody else: below those that the
/// operating system chooses for connections, and each once.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    loop {
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A server that runs; it ends with its handle.
pub(crate) struct Program {
    process: Child,
    pub(crate) port: u16,
    output: Shared,
    errors: Shared,
    /// The folder is there for as long as the server is.
    _folder: Arc<TempDir>,
}

impl Program {
    pub(crate) fn client(&self) -> Client {
        Client::of(self.port)
    }

    /// What it has printed so far.
    pub(crate) fn output(&self) -> String {
        self.output.text()
    }

    /// What it has logged so far.
    pub(crate) fn errors(&self) -> String {
        self.errors.text()
    }

    /// Waits until it has printed this.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let started = Instant::now();
        while !self.output().contains(text) {
            let has_ended = self.process.try_wait().unwrap().is_some();
            let output = format!("{}{}", self.output(), self.errors());
            assert!(!has_ended, "it ended: {output}");
            assert!(started.elapsed() < PATIENCE, "no {text:?} in: {output}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until it has logged this.
    pub(crate) fn wait_for_error(&mut self, text: &str) {
        let started = Instant::now();
        while !self.errors().contains(text) {
            assert!(started.elapsed() < PATIENCE, "no {text:?} in: {}", self.errors());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the newest mail with this subject that was not there before.
    pub(crate) fn mail(&mut self, subject: &str, count: usize) -> String {
        let started = Instant::now();
        loop {
            let mails = mail::with_subject(&self.output(), subject);
            if mails.len() >= count {
                return mails.last().unwrap().clone();
            }
            assert!(started.elapsed() < PATIENCE, "no {subject:?} in: {}", self.output());
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.process)
    }

    pub(crate) fn send(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for its end, and for the last of what it prints.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                self.output.wait_for_end();
                self.errors.wait_for_end();
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "it does not end: {}", self.errors());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops it as an operator would.
    pub(crate) fn stop(mut self) {
        self.send(Signal::TERM);
        let status = self.wait();
        assert!(status.success(), "{status}: {}", self.errors());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What comes out of a pipe, as it comes.
struct Shared {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Shared {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let filled = Arc::clone(&text);
        let reader = thread::spawn(move || {
            for line in BufReader::new(pipe).lines() {
                let Ok(line) = line else { break };
                let mut text = filled.lock().unwrap();
                text.push_str(&line);
                text.push('\n');
            }
        });
        Self { text, reader: Some(reader) }
    }

    fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    fn wait_for_end(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }
}
