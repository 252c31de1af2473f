//! Why the program stopped, for the person who started it.

use std::{io, process::ExitCode};

use fastauth::{
    BuildError,
    application::{
        administration::AdministrationError, provisioning::ProvisionError, revocation::RevokeError,
        roles::RolesError,
    },
    domain::role::Refused,
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
    /// What was asked for makes no sense as things are set.
    #[error("{0}")]
    Senseless(String),
    /// What it was asked of is not there.
    #[error("{0}")]
    NotFound(String),
    /// It is against a rule, which the sentence says.
    #[error("{0}")]
    Refused(String),
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
            Self::Senseless(sentence)
            | Self::NotFound(sentence)
            | Self::Refused(sentence)
            | Self::Other(sentence) => vec![format!("{sentence}.")],
        }
    }

    /// 2 for the settings, as for a command line that cannot be understood; 3 for what is not there; 4
    /// for what is against a rule; 1 for the rest.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_) | Self::Senseless(_) => ExitCode::from(2),
            Self::NotFound(_) => ExitCode::from(3),
            Self::Refused(_) => ExitCode::from(4),
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

impl From<AdministrationError> for Failure {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::AccountNotFound(why) => Self::NotFound(why.to_string()),
            AdministrationError::LastAdministrator(why) => Self::Refused(why.to_string()),
            AdministrationError::Unavailable(why) => why.into(),
        }
    }
}

impl From<RolesError> for Failure {
    fn from(error: RolesError) -> Self {
        match error {
            RolesError::Refused(why) => why.into(),
            RolesError::Unavailable(why) => why.into(),
        }
    }
}

impl From<Refused> for Failure {
    fn from(why: Refused) -> Self {
        match why {
            Refused::RoleNotFound | Refused::UserNotFound => Self::NotFound(why.to_string()),
            Refused::RoleAlreadyExists
            | Refused::LastAdministrator(_)
            | Refused::TooManyPermissions
            | Refused::TooManyRoles => Self::Refused(why.to_string()),
        }
    }
}

impl From<ProvisionError> for Failure {
    fn from(error: ProvisionError) -> Self {
        match error {
            ProvisionError::UserAlreadyExists(why) => Self::Refused(why.to_string()),
            ProvisionError::UnacceptablePassword(why) => {
                Self::Refused(format!("the password {why}"))
            }
            ProvisionError::Unavailable(why) => why.into(),
        }
    }
}

impl From<RevokeError> for Failure {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::SessionNotFound(why) => Self::NotFound(why.to_string()),
            RevokeError::Unavailable(why) => why.into(),
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
