//! Settings: defaults, `fastauth.toml`, `.env` and the environment, the later winning.
//!
//! Whatever is wrong stops the start, all of it at once, each in a sentence that says what to
//! change. One table (`settings/table.rs`) gives each setting its name, default, form and documentation.

mod breaches;
mod configuration;
mod database;
mod form;
mod limits;
mod mail;
mod problem;
mod public_url;
mod reference;
mod secret;
mod source;
mod spelling;
mod table;

use std::path::Path;

use zeroize::Zeroizing;

pub(crate) use self::secret::read_secret;
pub use self::{
    configuration::Configuration,
    database::Database,
    form::{LogFormat, TokenCheck},
    limits::RedisServer,
    mail::MailProvider,
    problem::{SettingProblem, SettingsError},
    public_url::PublicUrl,
    reference::{markdown, plain_text},
    source::Source,
};
use self::{
    problem::Problems,
    source::{Layer, SOURCES_OF_THE_PROGRAM},
    table::{Setting, TABLE},
};

/// What stands for a secret.
const HIDDEN: &str = "(hidden)";

/// What was set, and where, before any of it is understood.
#[derive(Default)]
pub struct Settings {
    /// The later wins.
    layers: Vec<Layer>,
}

/// The text that counts for a setting.
pub(crate) struct Effective {
    /// The name it was set by: the setting's own, or one that is read too.
    name: &'static str,
    text: Zeroizing<String>,
    source: Source,
}

/// A setting as `fastauth config check` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub name: &'static str,
    /// Its value, or what stands for it: never a secret.
    pub value: String,
    /// Where the value comes from.
    pub source: Source,
}

impl Settings {
    /// What the program reads: `fastauth.toml` and `.env` in this folder, then the environment.
    pub fn load(folder: &Path) -> Self {
        let layers = SOURCES_OF_THE_PROGRAM.iter().map(|read| read(folder)).collect();
        Self { layers }
    }

    /// Sets one by its name, over everything that was set before.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        let ours = self.layers.pop_if(|layer| layer.source() == Source::Program);
        let mut ours = ours.unwrap_or_else(|| Layer::new(Source::Program));
        ours.set(name, value.into());
        self.layers.push(ours);
        self
    }

    /// Understands every setting, or says everything that is wrong.
    pub fn resolve(&self) -> Result<Configuration, SettingsError> {
        let mut problems = Problems::default();
        for layer in &self.layers {
            layer.check_names(&mut problems);
        }
        let configuration = Configuration::read(self, &mut problems);
        if let Some(configuration) = &configuration {
            configuration.check(self, &mut problems);
        }
        match (configuration, problems.into_error()) {
            (Some(configuration), None) => Ok(configuration),
            (_, error) => Err(error.unwrap_or_default()),
        }
    }

    /// Every setting that has a value, in the order of the reference, with secrets hidden.
    pub fn shown(&self) -> Vec<Shown> {
        TABLE
            .iter()
            .filter_map(|setting| {
                let effective = self.effective(setting)?;
                let value = (setting.show)(&effective.text).unwrap_or_else(|| HIDDEN.to_owned());
                Some(Shown { name: setting.name, value, source: effective.source })
            })
            .collect()
    }

    /// What counts for a setting: the last that was given, or the default.
    fn effective(&self, setting: &Setting) -> Option<Effective> {
        let given = self.layers.iter().rev().find_map(|layer| {
            setting.names().find_map(|name| {
                let text = Zeroizing::new(layer.text(name)?.to_owned());
                Some(Effective { name, text, source: layer.source() })
            })
        });
        given.or_else(|| {
            let text = Zeroizing::new(self.fill_in(setting.default?));
            Some(Effective { name: setting.name, text, source: Source::Default })
        })
    }

    /// A default in which `<NAME>` stands for what counts for another setting.
    fn fill_in(&self, default: &str) -> String {
        let mut filled = default.to_owned();
        for other in TABLE {
            let place = format!("<{}>", other.name);
            if filled.contains(&place)
                && let Some(effective) = self.effective(other)
            {
                filled = filled.replace(&place, effective.text.trim_end_matches('/'));
            }
        }
        filled
    }
}

impl std::fmt::Debug for Settings {
    /// Without the values: some are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sources: Vec<Source> = self.layers.iter().map(Layer::source).collect();
        f.debug_struct("Settings").field("sources", &sources).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
