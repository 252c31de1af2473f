//! `fastauth migrate`

use clap::Subcommand;
use fastauth::seaorm::SqlStore;

use super::{configuration, run_async, say};
use crate::failure::Failure;

#[derive(Subcommand)]
pub(super) enum Migrate {
    /// Bring the database to what this version needs (what happens without a command).
    Up,
    /// List the migrations, and which of them are applied.
    Status,
    /// Print the statements that `up` would execute.
    Plan,
}

/// Does what was asked for with the database that is configured.
pub(super) fn run(command: &Migrate) -> Result<(), Failure> {
    let configuration = configuration()?;
    run_async(async {
        let Some(store) = fastauth::open_database(&configuration).await? else {
            return say("The database is in memory: there is nothing to migrate.");
        };
        match command {
            Migrate::Up => up(&store).await?,
            Migrate::Status => status(&store).await?,
            Migrate::Plan => plan(&store).await?,
        }
        store.close().await;
        Ok(())
    })
}

async fn up(store: &SqlStore) -> Result<(), Failure> {
    let applied = store.migrate().await?;
    for migration in &applied {
        say(format_args!("applied {migration}"))?;
    }
    say(if applied.is_empty() {
        "The database is up to date."
    } else {
        "The database is up to date now."
    })
}

async fn status(store: &SqlStore) -> Result<(), Failure> {
    for migration in store.applied_migrations().await? {
        say(format_args!("applied  {migration}"))?;
    }
    for migration in store.pending_migrations().await? {
        say(format_args!("pending  {}", migration.name))?;
    }
    Ok(())
}

async fn plan(store: &SqlStore) -> Result<(), Failure> {
    let pending = store.pending_migrations().await?;
    for migration in &pending {
        say(format_args!("-- {}", migration.name))?;
        for statement in &migration.statements {
            say(format_args!("{statement};"))?;
        }
    }
    if pending.is_empty() { say("-- The database is up to date.") } else { Ok(()) }
}
