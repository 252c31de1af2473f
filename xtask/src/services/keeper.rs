//! A server is kept by a process of its own, so that nothing of it is left behind.
//!
//! The keeper's input is a pipe from the program that asked for the server, and nothing is ever
//! written to it. It ends when that program drops it, exits, is interrupted or is killed, and then
//! the keeper stops the server and removes the directory.

use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
};

use clap::ValueEnum;

use super::{engine::Engine, place::Room, programs::Programs, server::Server};
use crate::Failure;

/// What the keeper says, before the URL, once the server answers. All else is why it does not.
const READY: &str = "ready ";

/// Keeps a server until the input ends.
pub(crate) fn keep(name: &str, room: Room) -> Result<(), Failure> {
    let engine = Engine::named(name).ok_or("there is no such server")?;
    let server = Server::start(engine, room)?;
    // The one who asked may be gone; the input has ended then, too.
    let _ = writeln!(io::stdout(), "{READY}{}", server.url());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

/// A keeper whose server is on its way. Its server is stopped when it is dropped.
pub(super) struct Keeper {
    process: Child,
    version: String,
}

/// A server that answers, until this is dropped.
pub(super) struct Kept {
    /// Such as 15.10.
    pub(super) version: String,
    /// For someone who may create databases.
    pub(super) url: String,
    _keeper: Keeper,
}

impl Keeper {
    /// Begins to start a server.
    pub(super) fn begin(engine: &Engine, room: Room) -> Result<Self, Failure> {
        let version = Programs::find(engine)?.version()?;
        let mut keeper = Command::new(env::current_exe()?);
        let room = room.to_possible_value().ok_or("there is no such room")?;
        keeper.args(["keep", engine.name, room.get_name()]);
        keeper.stdin(Stdio::piped()).stdout(Stdio::piped());
        // Ctrl-C is for the whole group, and would end the keeper before its work.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut keeper, 0);
        Ok(Self { process: keeper.spawn()?, version })
    }

    /// Waits until the server answers, and fails with the reason if it never does.
    pub(super) fn wait(mut self) -> Result<Kept, Failure> {
        let said = self.process.stdout.take().map(answer).transpose()?.unwrap_or_default();
        match said.strip_prefix(READY) {
            Some(url) => {
                Ok(Kept { version: self.version.clone(), url: url.to_owned(), _keeper: self })
            }
            None => Err(said.into()),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The one line of a keeper that is ready, or all that another has to say.
fn answer(said: impl Read) -> io::Result<String> {
    let mut said = BufReader::new(said);
    let mut answer = String::new();
    said.read_line(&mut answer)?;
    if !answer.starts_with(READY) {
        said.read_to_string(&mut answer)?;
    }
    Ok(answer.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_keeper_says_one_line_and_a_failed_one_says_all() {
        let more = io::repeat(b'x');
        assert_eq!(answer(b"ready url\n".chain(more)).unwrap(), "ready url");
        assert_eq!(answer(b"it ended:\nno space\n".as_slice()).unwrap(), "it ended:\nno space");
    }
}
