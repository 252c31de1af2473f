//! `cargo xtask bench`

use std::process::Command;

use cargo_metadata::MetadataCommand;
use clap::{Args, ValueEnum};

use crate::{
    Failure,
    run::{cargo, root, succeed},
    services::{self, Services},
};

/// What is measured, and how long.
#[derive(Args)]
pub(crate) struct Options {
    /// What is measured: the server over HTTP, unless this says otherwise.
    #[arg(value_enum)]
    what: Option<What>,
    /// Measure on this store, at several numbers of users, or its outbox; its server is started for
    /// that.
    #[arg(long, value_enum)]
    store: Option<Store>,
    /// Those numbers, such as 1000,1000000.
    #[arg(long, requires = "store")]
    users: Option<String>,
    /// How often measurements alternate.
    #[arg(long)]
    rounds: Option<u32>,
    /// Seconds of each measurement of each round.
    #[arg(long)]
    seconds: Option<u32>,
    /// More arguments for the benchmark; `-- --help` lists them.
    #[arg(last = true)]
    more: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// How fast the outbox is emptied.
    Mail,
    /// What those notice of a storm of logins who are signed in.
    Storm,
    /// Whether the time of an answer tells what the answer does not.
    Timing,
}

#[derive(Clone, Copy, ValueEnum)]
enum Store {
    Sqlite,
    Postgres,
    Mariadb,
    Memory,
}

impl Store {
    /// What the server of this store is called; none if it has no server.
    const fn engine(self) -> Option<&'static str> {
        match self {
            Self::Postgres => Some("PostgreSQL"),
            Self::Mariadb => Some("MariaDB"),
            Self::Sqlite | Self::Memory => None,
        }
    }
}

/// Builds the server as it is shipped to people who build it, and measures it.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let packages = ["--package", "fastauth", "--package", "fastauth-bench"];
    succeed(cargo(&["build", "--release"]).args(packages))?;
    let mut bench = built("release")?;
    options.pass_on(&mut bench);
    let Some(engine) = options.store.and_then(Store::engine) else { return succeed(&mut bench) };
    let services = Services::start_to_measure(engine);
    if !services.missing().is_empty() {
        return Err(format!("It cannot be measured: {}", services.missing().join("; ")).into());
    }
    println!("Measuring on {}.", services.covered().join(", "));
    succeed(bench.envs(services.variables()))
}

/// Compares the times of answers that are to look alike, coarsely: a server that is not optimised has them
/// differ by more, if they do. It is built as for the tests, so that little is left to build after them.
pub(crate) fn compare_times() -> Result<(), Failure> {
    let for_tests = ["build", "--workspace", "--bins", "--tests", "--features"];
    succeed(cargo(&for_tests).arg(services::every_feature()))?;
    succeed(built("debug")?.args(["timing", "--insist"]))
}

/// What measures the server, both from this folder of the target directory.
fn built(folder: &str) -> Result<Command, Failure> {
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec()?;
    let built = metadata.target_directory.join(folder);
    let mut bench = Command::new(built.join("fastauth-bench"));
    bench.current_dir(root()).arg("--server").arg(built.join("fastauth"));
    Ok(bench)
}

impl Options {
    fn pass_on(&self, bench: &mut Command) {
        let store = self.store.and_then(|store| store.to_possible_value());
        let options = [
            ("--store", store.map(|store| store.get_name().to_owned())),
            ("--users", self.users.clone()),
            ("--rounds", self.rounds.map(|rounds| rounds.to_string())),
            ("--seconds", self.seconds.map(|seconds| seconds.to_string())),
        ];
        for (name, value) in options {
            bench.args(value.map(|value| format!("{name}={value}")));
        }
        let what = self.what.and_then(|what| what.to_possible_value());
        bench.args(what.map(|what| what.get_name().to_owned())).args(&self.more);
    }
}
