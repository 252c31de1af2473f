//! One server, from its empty directory to its end.

use std::{
    fs::{self, File},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    engine::{Engine, Stop},
    place::{Place, Room},
    programs::Programs,
};
use crate::{Failure, run::output};

/// How long it may take to answer, and to end.
const PATIENCE: Duration = Duration::from_mins(1);
const STEP: Duration = Duration::from_millis(20);
/// How much of the log explains why it did not start.
const LOG_LINES: usize = 10;

/// Stops the server and removes its directory when it is dropped.
pub(super) struct Server {
    engine: &'static Engine,
    process: Child,
    place: Place,
}

impl Server {
    /// Returns once the server answers.
    pub(super) fn start(engine: &'static Engine, room: Room) -> Result<Self, Failure> {
        let programs = Programs::find(engine)?;
        let place = Place::new(engine, room)?;
        let (name, text) = (engine.administrator)(&place);
        place.write(name, &text)?;
        output(&mut (engine.initialise)(&programs.initialiser, &place))?;
        let log = File::create(place.log())?;
        let mut command = (engine.serve)(&programs.server, &place);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut server = Self { engine, process: command.spawn()?, place };
        server.wait()?;
        Ok(server)
    }

    pub(super) fn url(&self) -> String {
        (self.engine.url)(&self.place)
    }

    fn wait(&mut self) -> Result<(), Failure> {
        let started = Instant::now();
        while !(self.engine.answers)(&self.place) {
            if let Some(status) = self.process.try_wait()? {
                return Err(format!("it ended with {status}:\n{}", self.last_words()).into());
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("it does not answer:\n{}", self.last_words()).into());
            }
            thread::sleep(STEP);
        }
        Ok(())
    }

    fn last_words(&self) -> String {
        let log = fs::read(self.place.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let mut lines: Vec<_> = log.lines().rev().take(LOG_LINES).collect();
        lines.reverse();
        lines.join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        ask_to_stop(&mut self.process, self.engine.stop);
        let asked = Instant::now();
        while matches!(self.process.try_wait(), Ok(None)) && asked.elapsed() < PATIENCE {
            thread::sleep(STEP);
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(unix)]
fn ask_to_stop(process: &mut Child, stop: Stop) {
    use rustix::process::{Pid, Signal, kill_process};
    let signal = match stop {
        Stop::Interrupt => Signal::INT,
        Stop::Terminate => Signal::TERM,
    };
    // One that has ended already may have left its number to somebody else.
    if matches!(process.try_wait(), Ok(None)) {
        let _ = kill_process(Pid::from_child(process), signal);
    }
}

#[cfg(not(unix))]
fn ask_to_stop(process: &mut Child, _: Stop) {
    let _ = process.kill();
}
