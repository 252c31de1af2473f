//! `cargo xtask ci`: the gate.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    Failure, bench, fuzz, layers,
    run::{cargo, output, succeed},
    test, tidy,
};

type Step = fn() -> Result<(), Failure>;

/// Everything that a change must pass, the quickest answers first.
const STEPS: [(&str, Step); 10] = [
    ("format", format),
    ("layers", layers::run),
    ("tidy", tidy::run),
    ("clippy", clippy),
    ("features", features),
    ("documentation", documentation),
    ("tests", test::run),
    ("timing", bench::compare_times),
    ("fuzzing", fuzz::every_target),
    ("deny", deny),
];

/// Runs the steps up to the first that fails, and says how long each took.
pub(crate) fn run() -> Result<(), Failure> {
    let mut times = Vec::new();
    for (name, step) in STEPS {
        println!("== {name}");
        let started = Instant::now();
        let outcome = step();
        times.push((name, started.elapsed()));
        if let Err(failure) = outcome {
            report(&times);
            return Err(format!("{name} failed: {failure}").into());
        }
    }
    report(&times);
    println!("The gate is passed.");
    Ok(())
}

fn report(times: &[(&str, Duration)]) {
    println!("\n| step | seconds |\n|---|--:|");
    for (name, time) in times {
        println!("| {name} | {:.0} |", time.as_secs_f64());
    }
}

fn format() -> Result<(), Failure> {
    succeed(&mut cargo(&["fmt", "--all", "--check"]))?;
    succeed(&mut cargo(&["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"]))
}

fn clippy() -> Result<(), Failure> {
    let everything = ["clippy", "--workspace", "--all-targets", "--all-features"];
    succeed(cargo(&everything).args(["--", "--deny", "warnings"]))
}

/// What is built without its optional parts must build as well.
fn features() -> Result<(), Failure> {
    succeed(&mut cargo(&["check", "--package", "fastauth", "--no-default-features"]))
}

fn documentation() -> Result<(), Failure> {
    let mut doc = cargo(&["doc", "--workspace", "--all-features", "--no-deps"]);
    succeed(doc.env("RUSTDOCFLAGS", "--deny warnings"))
}

/// Licences, sources and bans are checked offline. Advisories come from a database that is fetched,
/// and that a machine without a way out cannot reach; it then says so.
fn deny() -> Result<(), Failure> {
    if output(Command::new("cargo-deny").arg("--version")).is_err() {
        println!("cargo-deny is not installed: not checked");
        return Ok(());
    }
    succeed(&mut cargo(&["deny", "check", "bans", "licenses", "sources"]))?;
    if output(&mut cargo(&["deny", "fetch", "db"])).is_err() {
        println!("the advisory database cannot be reached: advisories are not checked");
        return Ok(());
    }
    succeed(&mut cargo(&["deny", "check", "advisories"]))
}
