//! Why the program stopped, for the person who started it.

use std::{io, process::ExitCode};

use fastauth::{
    BuildError,
    key_file::KeyFileError,
    ports::{mail::NotSent, unavailable::Unavailable},
    seaorm::SchemaError,
    settings::{SettingProblem, SettingsError},
    templates::TemplateError,
};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The settings are to be changed first.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Something else is to be changed, which the sentence says.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// What to change, a sentence each.
    pub(crate) fn sentences(&self) -> Vec<String> {
        match self {
            Self::Settings(error) => {
                error.problems().iter().map(SettingProblem::to_string).collect()
            }
            Self::Other(sentence) => vec![format!("{sentence}.")],
        }
    }

    /// 2 for the settings, as for a command line that cannot be understood; 1 for the rest.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_) => ExitCode::from(2),
            Self::Other(_) => ExitCode::FAILURE,
        }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Settings(error) => Self::Settings(error),
            other => Self::Other(other.to_string()),
        }
    }
}

macro_rules! sentences {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Other(error.to_string())
            }
        }
    )+};
}

sentences!(KeyFileError, NotSent, SchemaError, TemplateError, Unavailable, io::Error);
