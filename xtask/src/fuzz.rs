//! `cargo xtask fuzz`: inputs that nobody thought of, for whatever reads those of strangers.
//!
//! libFuzzer makes them up from those that have reached new code before. It is told by counters that the
//! stable compiler can put into all crates. No sanitizer is needed where there is no `unsafe`.

use std::{fs, num::NonZero, panic::resume_unwind, path::PathBuf, process::Command, thread};

use cargo_metadata::MetadataCommand;
use clap::Args;

use crate::{
    Failure,
    run::{cargo, output, root, succeed},
};

/// What `cargo fuzz` has the compiler do where there are no sanitizers.
const FLAGS: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// For how many seconds each target is tried unless it is said.
const SECONDS: u32 = 10;
/// Seconds that a single input may take, on a machine that is busy. It usually takes milliseconds.
const PATIENCE: u32 = 10;
/// The most memory of a target, in MiB: what the largest hash that is allowed would fill.
const MEMORY: u32 = 256;

/// What is tried, and how long.
#[derive(Args)]
pub(crate) struct Options {
    /// What is tried: every target, unless this names some.
    targets: Vec<String>,
    /// How many seconds each is tried for.
    #[arg(long, default_value_t = SECONDS)]
    seconds: u32,
}

/// Builds the targets and tries each, as many at a time as there are cores.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let all = targets()?;
    let chosen = if options.targets.is_empty() { &all } else { &options.targets };
    if let Some(unknown) = chosen.iter().find(|it| !all.contains(it)) {
        return Err(format!("there is no target {unknown}; there are {}", all.join(", ")).into());
    }
    let broken = Place::build()?.attempt_all(chosen, options.seconds);
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n\n").into()) }
}

/// The same with every target, for as long as a change waits for it.
pub(crate) fn every_target() -> Result<(), Failure> {
    run(&Options { targets: Vec::new(), seconds: SECONDS })
}

/// Each is a program.
fn targets() -> Result<Vec<String>, Failure> {
    let programs = fs::read_dir(root().join("fuzz/src/bin"))?;
    let paths = programs.map(|program| Ok(program?.path())).collect::<Result<Vec<_>, Failure>>()?;
    let names = paths.iter().filter_map(|path| path.file_stem()?.to_str());
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.sort();
    Ok(names)
}

/// Where the targets are built, and where inputs are kept.
struct Place {
    programs: PathBuf,
    inputs: PathBuf,
}

impl Place {
    fn build() -> Result<Self, Failure> {
        let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec()?;
        let built = metadata.target_directory.join("fuzz").into_std_path_buf();
        let host = output(Command::new("rustc").args(["--print", "host-tuple"]))?;
        // Where a target is named, what runs while building is left as it is.
        let mut build = cargo(&["build", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
        build.arg("--target").arg(host.trim()).arg("--target-dir").arg(&built);
        succeed(build.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\x1f")))?;
        let programs = built.join(host.trim()).join("release");
        Ok(Self { programs, inputs: built.join("inputs") })
    }

    /// Tries these targets, and tells what broke.
    fn attempt_all(&self, targets: &[String], seconds: u32) -> Vec<String> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        thread::scope(|scope| {
            let start = |nth| {
                let share = targets.iter().skip(nth).step_by(cores);
                scope.spawn(move || {
                    share.filter_map(|it| self.attempt(it, seconds).err()).collect::<Vec<_>>()
                })
            };
            let threads: Vec<_> = (0..cores).map(start).collect();
            let ended =
                threads.into_iter().map(|it| it.join().unwrap_or_else(|it| resume_unwind(it)));
            ended.flatten().collect()
        })
    }

    /// Tries a target. What has reached new code is kept, and what breaks it is kept beside.
    fn attempt(&self, target: &str, seconds: u32) -> Result<(), String> {
        let (program, kept) = (self.programs.join(target), self.inputs.join(target));
        fs::create_dir_all(&kept).map_err(|error| error.to_string())?;
        let mut fuzzer = Command::new(&program);
        fuzzer
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-timeout={PATIENCE}"))
            .arg(format!("-rss_limit_mb={MEMORY}"))
            .arg(format!("-artifact_prefix={}-", kept.display()))
            .args([kept, root().join("fuzz/seeds").join(target)]);
        let ended = fuzzer.output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&ended.stderr);
        match tried(&said).filter(|_| ended.status.success()) {
            Some(tried) => println!("{target}: {tried}"),
            None => return Err(format!("{target} broke: {}\n{}", ended.status, reason(&said))),
        }
        Ok(())
    }
}

/// How many inputs were tried, and how much of the code they reached: at the beginning, and in the end.
fn tried(said: &str) -> Option<String> {
    let reached: Vec<_> = said.lines().filter_map(|line| word_after(line, "cov: ")).collect();
    let inputs = said.lines().find_map(|line| word_after(line, "Done "))?;
    Some(format!("{inputs} inputs, coverage {} to {}", reached.first()?, reached.last()?))
}

fn word_after<'a>(line: &'a str, label: &str) -> Option<&'a str> {
    line.split_once(label)?.1.split(' ').next()
}

/// What was said of the input that broke something, and where it is: whatever follows the progress.
fn reason(said: &str) -> String {
    let is_progress = |line: &&str| line.starts_with('#') || line.starts_with("INFO: ");
    let lines: Vec<_> = said.lines().collect();
    let last = lines.iter().rposition(is_progress).map_or(0, |last| last + 1);
    lines.into_iter().skip(last).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSED: &str = "INFO: seed corpus: files: 5\n\
        #6\tINITED cov: 1627 ft: 7460 corp: 5/44b exec/s: 0 rss: 28Mb\n\
        #1153\tREDUCE cov: 1629 ft: 7460 corp: 806/44Kb lim: 304 exec/s: 0 rss: 28Mb\n\
        Done 402960 runs in 11 second(s)\n";
    const BROKEN: &str = "#7\tNEW    cov: 188 ft: 190 corp: 2/3b lim: 4 exec/s: 0 rss: 27Mb\n\
        thread '<unnamed>' panicked at src/bin/words.rs:98:5:\n\
        Test unit written to target/fuzz/inputs/words-crash-4ce2\n";

    #[test]
    fn it_is_told_how_much_was_tried_and_reached() {
        assert_eq!(tried(PASSED).as_deref(), Some("402960 inputs, coverage 1627 to 1629"));
        assert_eq!(tried(BROKEN), None);
    }

    #[test]
    fn of_what_broke_it_is_told_why_and_where_it_is() {
        let reason = reason(BROKEN);
        assert!(reason.starts_with("thread ") && reason.ends_with("words-crash-4ce2"), "{reason}");
    }

    #[test]
    fn every_target_has_something_to_begin_with() {
        for target in targets().unwrap() {
            let seeds = fs::read_dir(root().join("fuzz/seeds").join(&target));
            assert!(seeds.unwrap().count() > 0, "{target}");
        }
    }
}
