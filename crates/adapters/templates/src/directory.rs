//! Templates that people have written themselves.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use fastauth_domain::language::Language;

use crate::{error::TemplateError, letter::is_file_name};

/// The files of a directory, each by its name within it.
pub(crate) fn read(directory: &Path) -> Result<Vec<(String, String)>, TemplateError> {
    let mut files = Vec::new();
    for path in entries(directory)? {
        let name = name(&path);
        if path.is_dir() && is_language(name) {
            for file in entries(&path)? {
                let own = self::name(&file);
                if !is_file_name(own) {
                    return Err(TemplateError::Unknown { path: file });
                }
                files.push((format!("{name}/{own}"), text(&file)?));
            }
        } else if matches!(name, "layout.html" | "layout.txt") {
            files.push((name.to_owned(), text(&path)?));
        } else {
            return Err(TemplateError::Unknown { path });
        }
    }
    Ok(files)
}

/// Whether this is the tag of a language as it is conventionally written, so that there is one way
/// to write it.
fn is_language(name: &str) -> bool {
    Language::parse(name).is_ok_and(|language| language.as_str() == name)
}

/// What is in a directory, but for what is hidden.
fn entries(directory: &Path) -> Result<Vec<PathBuf>, TemplateError> {
    let paths = fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>());
    let paths = paths.map_err(|cause| unreadable(directory, cause))?;
    Ok(paths.into_iter().filter(|path| !name(path).starts_with('.')).collect())
}

/// The last part of a path; nothing of one that is not text.
fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn text(path: &Path) -> Result<String, TemplateError> {
    fs::read_to_string(path).map_err(|cause| unreadable(path, cause))
}

fn unreadable(path: &Path, cause: io::Error) -> TemplateError {
    TemplateError::Unreadable { path: path.to_owned(), cause }
}
