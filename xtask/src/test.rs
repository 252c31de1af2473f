//! `cargo xtask test`

use crate::{
    Failure,
    run::{cargo, succeed},
};

/// Runs every test, examples in the documentation included, and says what was covered.
pub(crate) fn run() -> Result<(), Failure> {
    succeed(&mut cargo(&["test", "--workspace", "--all-features"]))?;
    println!("Every test passed. Stores covered: memory, SQLite (file and memory).");
    Ok(())
}
