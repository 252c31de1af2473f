//! Where one server lives: a throw-away directory, a free port, a password.

use std::{
    fs::{self, File},
    io::{self, Read},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
};

use clap::ValueEnum;
use tempfile::TempDir;

use super::{engine::Engine, owner::Owner};
use crate::Failure;

/// How much of the machine a server may take.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Room {
    /// Enough for tests, several servers of which run side by side.
    Little,
    /// Enough to measure with many rows.
    Ample,
}

/// Removes its directory when it is dropped.
pub(super) struct Place {
    folder: TempDir,
    owner: Owner,
    port: u16,
    password: String,
    room: Room,
}

impl Place {
    pub(super) fn new(engine: &Engine, room: Room) -> Result<Self, Failure> {
        let prefix = format!("fastauth-{}-", engine.server);
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir()?;
        let owner = Owner::of_server(engine.account, folder.path())?;
        owner.take(folder.path(), 0o700)?;
        Ok(Self { folder, owner, port: free_port()?, password: password()?, room })
    }

    /// Only the server's user can enter it.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data directory.
    pub(super) fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.folder().join("log")
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What the server keeps of its data in memory, in MiB.
    pub(super) fn memory_mib(&self) -> u32 {
        match self.room {
            Room::Little => 32,
            Room::Ample => 512,
        }
    }

    /// How much it may log before it has to write to its tables, in MiB.
    pub(super) fn log_mib(&self) -> u32 {
        match self.room {
            // The log is written out in full at first.
            Room::Little => 10,
            Room::Ample => 256,
        }
    }

    /// Letters and digits, so that it needs no quoting. Other users of the machine reach the port
    /// as well, and an administrator of a database can run programs.
    pub(super) fn password(&self) -> &str {
        &self.password
    }

    /// A program that runs as the owner of this folder, and has its temporary files there as well.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder()).env("TMPDIR", self.folder());
        self.owner.run(&mut command);
        command
    }

    /// Puts a file into the folder for the server to read.
    pub(super) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let path = self.folder().join(name);
        fs::write(&path, text)?;
        self.owner.take(&path, 0o600)
    }
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn password() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_needs_no_quoting_and_comes_once() {
        let [one, other] = [password().unwrap(), password().unwrap()];
        assert_eq!(one.len(), 32);
        assert!(one.chars().all(|it| it.is_ascii_alphanumeric()));
        assert_ne!(one, other);
    }
}
