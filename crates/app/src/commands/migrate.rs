//! `fastauth migrate`

use super::{configuration, run_async, say};
use crate::failure::Failure;

/// Brings the database to what this version needs, and says what was done.
pub(super) fn run() -> Result<(), Failure> {
    let configuration = configuration()?;
    run_async(async {
        let applied = fastauth::migrate(&configuration.database).await?;
        for migration in &applied {
            say(format_args!("applied {migration}"))?;
        }
        say(if applied.is_empty() {
            "The database is up to date."
        } else {
            "The database is up to date now."
        })
    })
}
