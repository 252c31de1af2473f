//! Where settings come from, and reading them there.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ffi::OsString,
    fs, io,
    path::Path,
};

use zeroize::Zeroizing;

use super::{problem::Problems, spelling, table};

/// The file that settings are kept in.
const FILE: &str = "fastauth.toml";
/// The file that stands in for the environment.
const DOT_ENV: &str = ".env";

/// What some editors begin a file with.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a layer from a folder.
type ReadLayer = fn(&Path) -> Layer;

/// The layers of the program over the defaults; the later wins.
pub(super) const SOURCES_OF_THE_PROGRAM: [ReadLayer; 3] =
    [Layer::of_file, Layer::of_dot_env, |_| Layer::of_environment()];

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is the default.
    Default,
    /// `fastauth.toml`
    File,
    /// `.env`
    DotEnv,
    /// An environment variable.
    Environment,
    /// The program that FastAuth is embedded in.
    Program,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Default => "the defaults",
            Self::File => FILE,
            Self::DotEnv => DOT_ENV,
            Self::Environment => "the environment",
            Self::Program => "the program",
        })
    }
}

/// What one source gives. Names are in upper case; texts are wiped, because some are secrets.
pub(super) struct Layer {
    source: Source,
    texts: BTreeMap<String, Zeroizing<String>>,
    /// What could not even be read.
    problems: Vec<String>,
}

impl Layer {
    /// A source that gives nothing.
    pub(super) const fn new(source: Source) -> Self {
        Self { source, texts: BTreeMap::new(), problems: Vec::new() }
    }

    /// Which source it is.
    pub(super) const fn source(&self) -> Source {
        self.source
    }

    /// What it gives for a name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(|text| text.as_str())
    }

    /// Gives a text to a name.
    pub(super) fn set(&mut self, name: &str, text: String) {
        self.texts.insert(name.to_ascii_uppercase(), Zeroizing::new(text));
    }

    /// Tells what could not be read, and which names are none.
    pub(super) fn check_names(&self, problems: &mut Problems) {
        for problem in &self.problems {
            problems.add(problem.clone());
        }
        let unknown = self.texts.keys().filter(|name| !table::is_known(name));
        for sentence in unknown.filter_map(|name| self.unknown(name)) {
            problems.add(sentence);
        }
    }

    fn unknown(&self, name: &str) -> Option<String> {
        let source = self.source;
        let is_ours = source != Source::Environment;
        let meant = if is_ours { spelling::nearest(name) } else { spelling::slip_of(name) };
        match meant {
            Some(meant) => {
                Some(format!("{name} in {source} is not a setting: did you mean {meant}?"))
            }
            None if is_ours => Some(format!(
                "{name} in {source} is not a setting: take it out; \
                 `fastauth --help` lists those there are."
            )),
            None => None,
        }
    }

    /// Keeps a text under its name; a second one under the same name is a mistake.
    fn put(&mut self, name: &str, text: String) {
        let name = name.to_ascii_uppercase();
        match self.texts.entry(name) {
            Entry::Vacant(place) => {
                place.insert(Zeroizing::new(text));
            }
            Entry::Occupied(place) => {
                let (name, source) = (place.key(), self.source);
                let sentence = format!("{name} is in {source} more than once: leave one of them.");
                self.problems.push(sentence);
            }
        }
    }

    pub(super) fn of_file(folder: &Path) -> Self {
        let mut layer = Self::new(Source::File);
        let Some(content) = layer.content(folder, FILE) else { return layer };
        match content.parse::<toml::Table>() {
            Ok(table) => {
                for (name, value) in table {
                    match text_of(&value) {
                        Some(text) => layer.put(&name, text),
                        None => layer.problems.push(format!(
                            "{} in {FILE} is {}: it must be a text in quotation marks, \
                             a whole number, true or false.",
                            name.to_ascii_uppercase(),
                            kind_of(&value)
                        )),
                    }
                }
            }
            Err(error) => {
                let line = error.span().map_or(1, |span| line_at(&content, span.start));
                let reason = error.message().lines().next().unwrap_or_default().to_owned();
                layer.problems.push(format!("{FILE} cannot be read: line {line}: {reason}."));
            }
        }
        layer
    }

    pub(super) fn of_dot_env(folder: &Path) -> Self {
        let mut layer = Self::new(Source::DotEnv);
        let Some(content) = layer.content(folder, DOT_ENV) else { return layer };
        for item in dotenvy::Iter::new(content.as_bytes()) {
            let Ok((name, text)) = item else {
                let line = line_that_is_none(&content);
                layer.problems.push(format!(
                    "{DOT_ENV} cannot be read: line {line} must be NAME=value, with the value \
                     in quotation marks if it has blanks."
                ));
                break;
            };
            layer.put(&name, text);
        }
        layer
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    fn of_environment() -> Self {
        Self::of_variables(std::env::vars_os())
    }

    pub(super) fn of_variables(variables: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let mut layer = Self::new(Source::Environment);
        for (name, text) in variables {
            layer.put_variable(name, text);
        }
        layer
    }

    /// Keeps what is, or was meant to be, ours.
    fn put_variable(&mut self, name: OsString, text: OsString) {
        let Ok(name) = name.into_string() else { return };
        if !table::is_known(&name) {
            if spelling::slip_of(&name).is_some() {
                self.texts.insert(name, Zeroizing::default());
            }
            return;
        }
        if let Ok(text) = text.into_string() {
            self.put(&name, text);
        } else {
            let source = self.source;
            self.problems.push(format!("{name} in {source} must be text in UTF-8."));
        }
    }

    /// What is in a file; nothing if there is none.
    fn content(&mut self, folder: &Path, name: &str) -> Option<Zeroizing<String>> {
        match fs::read_to_string(folder.join(name)) {
            Ok(mut content) => {
                if content.starts_with(BYTE_ORDER_MARK) {
                    content.remove(0);
                }
                Some(Zeroizing::new(content))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.problems.push(format!("{name} cannot be read: {error}."));
                None
            }
        }
    }
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(switch) => Some(switch.to_string()),
        toml::Value::Float(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_)
        | toml::Value::Table(_) => None,
    }
}

/// What a value is that is of no use, with its article.
const fn kind_of(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) | toml::Value::Integer(_) | toml::Value::Boolean(_) => "a value",
        toml::Value::Float(_) => "a fraction",
        toml::Value::Datetime(_) => "a date",
        toml::Value::Array(_) => "an array",
        toml::Value::Table(_) => "a table",
    }
}

fn line_at(content: &str, byte: usize) -> usize {
    content.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

/// The first line that cannot be read by itself. The parser's own error repeats the line, which may
/// hold a secret, and does not count it.
fn line_that_is_none(content: &str) -> usize {
    let readable = |line: &str| dotenvy::Iter::new(line.as_bytes()).all(|item| item.is_ok());
    content.lines().take_while(|line| readable(line)).count() + 1
}
