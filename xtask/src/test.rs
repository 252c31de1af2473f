//! `cargo xtask test`

use crate::{
    Failure,
    run::{cargo, environment, succeed},
    services::Services,
};

/// Runs every test, examples in the documentation included, and says what was covered.
///
/// Where `CI` is set, nothing may be passed over.
pub(crate) fn run() -> Result<(), Failure> {
    let services = Services::start();
    let missing = services.missing();
    if environment("CI").is_some() && !missing.is_empty() {
        return Err(
            format!("Every store must be tested here. Missing: {}", missing.join("; ")).into()
        );
    }
    let mut tests = cargo(&["test", "--workspace", "--features", &services.features()]);
    succeed(tests.envs(services.variables()))?;
    println!("Every test passed. {}", coverage(&services.covered(), &missing));
    Ok(())
}

fn coverage(servers: &[String], missing: &[String]) -> String {
    let embedded = ["memory", "SQLite (file and memory)"].map(str::to_owned);
    let covered = [embedded.as_slice(), servers].concat().join(", ");
    match missing {
        [] => format!("Stores covered: {covered}."),
        missing => format!("Stores covered: {covered}. Not covered: {}.", missing.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_which_stores_were_covered_and_which_were_not() {
        let covered = ["PostgreSQL 15.10".to_owned()];
        let missing = ["MariaDB (mariadbd was not found)".to_owned()];
        let all = "Stores covered: memory, SQLite (file and memory), PostgreSQL 15.10.";
        assert_eq!(coverage(&covered, &[]), all);
        let rest = "Not covered: MariaDB (mariadbd was not found).";
        assert_eq!(coverage(&covered, &missing), format!("{all} {rest}"));
    }
}
