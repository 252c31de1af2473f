//! `fastauth keys`

use std::path::PathBuf;

use fastauth::{
    key_file::{self, KeyFile},
    system::OsRandomness,
};
use secrecy::ExposeSecret;

use super::say;
use crate::failure::Failure;

/// Draws a secret, and prints it or keeps it in a file.
pub(super) fn generate(out: Option<PathBuf>) -> Result<(), Failure> {
    let secret =
        key_file::generate(&OsRandomness).map_err(|error| Failure::Other(error.to_string()))?;
    match out {
        Some(path) => {
            let file = KeyFile::at(path);
            file.make(&secret, &OsRandomness)?;
            say(format_args!("The secret is in {}.", file.path().display()))
        }
        None => say(secret.expose_secret()),
    }
}
