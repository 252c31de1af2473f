//! What is wrong with the settings, as sentences.

use super::source::Source;

/// One thing that is wrong, in a sentence that says what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingProblem(String);

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsError(Vec<SettingProblem>);

impl SettingsError {
    /// One sentence for each thing that is wrong.
    pub fn problems(&self) -> &[SettingProblem] {
        &self.0
    }
}

impl std::fmt::Display for SettingsError {
    /// A sentence a line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SettingsError {}

/// Collects what is wrong.
#[derive(Default)]
pub(super) struct Problems {
    found: Vec<SettingProblem>,
    /// A default that follows from another setting is wrong only when that one is, which is told
    /// already.
    consequences: Vec<SettingProblem>,
}

impl Problems {
    /// Takes note of a sentence.
    pub(super) fn add(&mut self, sentence: String) {
        self.found.push(SettingProblem(sentence));
    }

    /// Takes note of a sentence about a value from `source`.
    pub(super) fn add_about(&mut self, source: Source, sentence: String) {
        match source {
            Source::Default => self.consequences.push(SettingProblem(sentence)),
            Source::File | Source::DotEnv | Source::Environment | Source::Program => {
                self.add(sentence);
            }
        }
    }

    /// What was found, if anything.
    pub(super) fn into_error(self) -> Option<SettingsError> {
        let Self { found, consequences } = self;
        let problems = if found.is_empty() { consequences } else { found };
        (!problems.is_empty()).then_some(SettingsError(problems))
    }
}
