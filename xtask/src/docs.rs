//! `cargo xtask docs`: the reference pages that the program writes about itself.

use std::fs;

use crate::{
    Failure,
    run::{cargo, output, root},
};

/// Each page, and the command of the program that prints it.
const PAGES: [(&str, &[&str]); 3] = [
    ("docs/reference/settings.md", &["config", "reference"]),
    ("docs/reference/problems.md", &["config", "problems"]),
    ("docs/reference/openapi.json", &["openapi"]),
];

/// Writes the pages. A test of the program holds them to it.
pub(crate) fn run() -> Result<(), Failure> {
    for (page, command) in PAGES {
        let mut program = cargo(&["run", "--quiet", "--package", "fastauth", "--"]);
        fs::write(root().join(page), output(program.args(command))?)?;
    }
    Ok(())
}
