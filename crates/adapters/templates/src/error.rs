//! What is wrong with templates.

use std::path::PathBuf;

/// Why templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A file or the directory cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A file has a name that means nothing.
    #[error(
        "{} is no template: templates are layout.html, layout.txt and, in a folder named after a \
         language, {}",
        path.display(),
        crate::letter::file_names()
    )]
    Unknown {
        /// Which.
        path: PathBuf,
    },
    /// A letter is there in part.
    #[error("{name} is missing: a letter needs its .subject.txt, its .txt and its .html")]
    Missing {
        /// The missing file, within the directory of templates.
        name: String,
    },
    /// A template cannot be read or filled in.
    #[error("{file}, line {line}: {problem}")]
    Broken {
        /// Its file, within the directory of templates.
        file: String,
        /// Where in it, counted from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// A template asks for what it is not given.
    #[error("{file} uses the variable {variable}, which it is not given; it is given {given}")]
    UnknownVariable {
        /// Its file, within the directory of templates.
        file: String,
        /// What it asks for.
        variable: String,
        /// What there is.
        given: String,
    },
    /// A letter that consists of its link does not show it.
    #[error("{file} does not show {{{{ link }}}}, without which its reader cannot do anything")]
    NoLink {
        /// Its file, within the directory of templates.
        file: String,
    },
    /// A subject is empty or has several lines.
    #[error("{file} must be one line that is not empty")]
    NotALine {
        /// Its file, within the directory of templates.
        file: String,
    },
}

impl From<minijinja::Error> for TemplateError {
    fn from(error: minijinja::Error) -> Self {
        let problem = error.detail().map(str::to_owned);
        Self::Broken {
            file: error.name().unwrap_or("a template").to_owned(),
            line: error.line().unwrap_or(1),
            problem: problem.unwrap_or_else(|| error.kind().to_string()),
        }
    }
}
