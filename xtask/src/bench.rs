//! `cargo xtask bench`

use crate::{
    Failure,
    run::{cargo, succeed},
};

/// Builds the server as it is shipped to people who build it, and measures it.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    succeed(&mut cargo(&["build", "--release", "--package", "fastauth"]))?;
    let mut bench = cargo(&["run", "--release", "--package", "fastauth-bench", "--"]);
    succeed(bench.args(arguments))
}
