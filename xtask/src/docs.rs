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

/// Writes the pages, or only checks that they are as they would be written.
pub(crate) fn run(check: bool) -> Result<(), Failure> {
    let mut stale = Vec::new();
    for (page, command) in PAGES {
        let mut program = cargo(&["run", "--quiet", "--package", "fastauth", "--"]);
        let text = output(program.args(command))?;
        let path = root().join(page);
        if check {
            if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                stale.push(page);
            }
        } else {
            fs::write(&path, text)?;
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("{} is stale; run `cargo xtask docs`", stale.join(", ")).into())
}
