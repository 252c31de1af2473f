//! `fastauth openapi`

use super::say;
use crate::failure::Failure;

/// Prints the OpenAPI document.
pub(super) fn run() -> Result<(), Failure> {
    let document = fastauth::http::openapi();
    say(document.to_pretty_json().map_err(|error| Failure::Other(error.to_string()))?)
}
