//! `cargo xtask services`: database servers to test against, from what is installed here.
//!
//! Each server has a throw-away directory, a free port of 127.0.0.1 and a password of its own. A
//! keeper, which is this program in a process of its own, starts it, and ends it when the program
//! that asked for it goes away, however that comes about.

mod engine;
mod keeper;
mod mariadb;
mod owner;
mod place;
mod postgres;
mod programs;
mod server;

use std::{
    process::{Command, ExitCode, ExitStatus},
    thread,
};

use self::{
    engine::{ENGINES, Engine},
    keeper::{Keeper, Kept},
};
pub(crate) use self::{keeper::keep, place::Room};
use crate::{Failure, run::environment};

/// Every kind of server, and what became of it.
pub(crate) struct Services(Vec<(&'static Engine, Service)>);

enum Service {
    /// Started here, and running until this is dropped.
    Started(Kept),
    /// Somebody else's: its variable was set already.
    Given,
    /// Not there, for this reason.
    Missing(String),
}

/// Runs the servers until Ctrl-C, or until a command has ended, whose exit code is passed on.
pub(crate) fn run(command: &[String]) -> Result<ExitCode, Failure> {
    let services = Services::start();
    for line in services.missing() {
        println!("Not running: {line}");
    }
    if let [program, arguments @ ..] = command {
        let status = Command::new(program).args(arguments).envs(services.variables()).status();
        return Ok(exit_code(status.map_err(|cause| format!("{program}: {cause}"))?));
    }
    if services.variables().next().is_none() {
        return Err("There is nothing to run.".into());
    }
    println!("Running until Ctrl-C: {}. For a second terminal:\n", services.covered().join(", "));
    for (variable, url) in services.variables() {
        println!("export {variable}='{url}'");
    }
    loop {
        thread::park();
    }
}

/// The features of the tests of every kind of server.
pub(crate) fn every_feature() -> String {
    ENGINES.iter().map(|engine| engine.features).collect::<Vec<_>>().join(",")
}

impl Services {
    /// Starts what is installed, except where a variable names a server already.
    pub(crate) fn start() -> Self {
        Self::start_all(ENGINES, Room::Little)
    }

    /// Starts the one of this name with room for many rows, except where a variable names it.
    pub(crate) fn start_to_measure(name: &str) -> Self {
        Self::start_all(Engine::named(name), Room::Ample)
    }

    fn start_all(engines: impl IntoIterator<Item = &'static Engine>, room: Room) -> Self {
        // All of them begin before the first one is waited for.
        let begun: Vec<_> = engines
            .into_iter()
            .map(|engine| {
                let given = environment(engine.variable).is_some();
                (engine, if given { None } else { Some(Keeper::begin(engine, room)) })
            })
            .collect();
        let finish = |keeper: Option<Result<Keeper, Failure>>| match keeper {
            None => Service::Given,
            Some(keeper) => match keeper.and_then(Keeper::wait) {
                Ok(server) => Service::Started(server),
                Err(failure) => Service::Missing(failure.to_string()),
            },
        };
        Self(begun.into_iter().map(|(engine, keeper)| (engine, finish(keeper))).collect())
    }

    /// The variables that name the servers which were started, and their URLs.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().filter_map(|(engine, service)| match service {
            Service::Started(server) => Some((engine.variable, server.url.as_str())),
            Service::Given | Service::Missing(_) => None,
        })
    }

    /// The features of the tests that can use them.
    pub(crate) fn features(&self) -> String {
        let there = self.0.iter().filter(|(_, it)| !matches!(it, Service::Missing(_)));
        there.map(|(engine, _)| engine.features).collect::<Vec<_>>().join(",")
    }

    /// The servers that tests can use, each with its version.
    pub(crate) fn covered(&self) -> Vec<String> {
        let name = |(engine, service): &(&Engine, Service)| match service {
            Service::Started(server) => Some(format!("{} {}", engine.name, server.version)),
            Service::Given => Some(format!("{} (at {})", engine.name, engine.variable)),
            Service::Missing(_) => None,
        };
        self.0.iter().filter_map(name).collect()
    }

    /// The servers that tests cannot use, each with the reason.
    pub(crate) fn missing(&self) -> Vec<String> {
        let reason = |(engine, service): &(&Engine, Service)| match service {
            Service::Missing(reason) => Some(format!("{} ({reason})", engine.name)),
            Service::Started(_) | Service::Given => None,
        };
        self.0.iter().filter_map(reason).collect()
    }
}

/// As a shell has it: what a signal ended counts from 128.
fn exit_code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or(signal.map(|signal: i32| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services() -> Services {
        let [postgres, mariadb] = ENGINES;
        let reason = "mariadbd was not found".to_owned();
        Services(vec![(postgres, Service::Given), (mariadb, Service::Missing(reason))])
    }

    #[test]
    fn it_is_said_what_is_covered_and_what_is_not() {
        assert_eq!(services().covered(), ["PostgreSQL (at FASTAUTH_TEST_POSTGRES)"]);
        assert_eq!(services().missing(), ["MariaDB (mariadbd was not found)"]);
        assert_eq!(services().features(), "fastauth/test-postgres,fastauth-seaorm/test-postgres");
    }

    #[test]
    fn a_server_that_was_given_keeps_its_variable() {
        assert_eq!(services().variables().next(), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_exit_code_of_the_command_is_passed_on() {
        let ended = |script| exit_code(Command::new("sh").args(["-c", script]).status().unwrap());
        assert_eq!(ended("exit 7"), ExitCode::from(7));
        assert_eq!(ended("kill -TERM $$"), ExitCode::from(143));
    }
}
