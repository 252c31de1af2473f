//! Coming by the server's secret.

use std::path::PathBuf;

use fastauth_domain::server_key::ServerKey;
use fastauth_ports::randomness::Randomness;

use crate::{
    builder::BuildError,
    key_file::{self, KeyFile, KeyFileError, KeyHistory},
    settings::{Configuration, Database},
};

/// Where the server's secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretOrigin {
    /// It was set.
    Set,
    /// It was drawn for this run only, because everything else is gone with it too.
    Drawn,
    /// It was in this file.
    File(PathBuf),
    /// It was drawn and is kept in this file from now on.
    NewFile(PathBuf),
}

/// The secret that was set; otherwise the one beside the database, made at the first start.
pub(crate) fn secret(
    configuration: &Configuration,
    has_own_store: bool,
    randomness: &dyn Randomness,
) -> Result<(ServerKey, SecretOrigin), BuildError> {
    let set = configuration.secret_key.clone().or_else(|| configuration.secret_key_file.clone());
    if let Some(key) = set {
        return Ok((key, SecretOrigin::Set));
    }
    match &configuration.database {
        _ if has_own_store => Err(BuildError::NoSecret),
        Database::Server { .. } => Err(BuildError::NoSecret),
        Database::Memory => {
            let drawn = key_file::generate(randomness).map_err(KeyFileError::NotDrawn)?;
            Ok((ServerKey::parse(drawn)?, SecretOrigin::Drawn))
        }
        Database::Sqlite { file, .. } => {
            let file = KeyFile::beside(file);
            let (key, history) = file.open_or_make(randomness)?;
            let path = file.path().to_owned();
            let origin = match history {
                KeyHistory::Found => SecretOrigin::File(path),
                KeyHistory::Made => SecretOrigin::NewFile(path),
            };
            Ok((key, origin))
        }
    }
}
