//! Running other programs.

use std::{
    ffi::{OsStr, OsString},
    iter,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Failure;

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// The cargo that runs this.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(root());
    command
}

/// The value of an environment variable that is set and not empty.
#[expect(clippy::disallowed_methods, reason = "chores have no settings, but the machine does")]
pub(crate) fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Runs a program to its end, and fails if it does.
pub(crate) fn succeed(command: &mut Command) -> Result<(), Failure> {
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} failed: {status}", line(command)).into())
    }
}

/// Runs a program to its end, and gives what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{} failed: {}\n{said}", line(command), output.status).into())
}

/// What was typed, as it were: without the environment, which may hold passwords.
fn line(command: &Command) -> String {
    let words = iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_does_not_tell_the_environment() {
        let mut command = Command::new("cargo");
        command.args(["nonsense", "--all"]).env("PASSWORD", "secret");
        assert_eq!(line(&command), "cargo nonsense --all");
    }
}
