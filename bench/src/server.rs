//! The processes that are measured; each ends with its handle.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{Failure, client::Connection};

pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
    /// Files of its own live here, and go with the server.
    _directory: Option<TempDir>,
}

/// Everybody in a measurement comes from one address.
const UNLIMITED: [&str; 2] = ["RATE_LIMIT_LOGIN", "RATE_LIMIT_REGISTER"];

impl Server {
    /// Starts the built program with these settings; without any on a new SQLite file.
    pub(crate) async fn fastauth(
        program: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, Failure> {
        let directory = TempDir::new()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = Command::new(program.canonicalize()?)
            .arg("serve")
            .current_dir(&directory)
            .env("PORT", port.to_string())
            .env("LOG", "warn")
            .envs(UNLIMITED.map(|name| (name, "off")))
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .spawn()?;
        let server = Self { process, port, _directory: Some(directory) };
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(10) {
            if let Ok(mut connection) = Connection::open(port).await
                && connection.get("/health/ready", "").await?.status == 200
            {
                return Ok(server);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("the server does not get ready".into())
    }

    /// Starts this program as a server that says its port.
    pub(crate) fn of_this_program(arguments: &[&str]) -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { process, port: line.trim().parse()?, _directory: None })
    }

    /// The most memory the process has had resident, in MiB; where the system tells.
    pub(crate) fn peak_memory_mib(&self) -> Option<u64> {
        self.memory("VmHWM:")
    }

    /// The memory that it has resident now, likewise.
    pub(crate) fn memory_mib(&self) -> Option<u64> {
        self.memory("VmRSS:")
    }

    fn memory(&self, name: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1_024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing else to do about it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
