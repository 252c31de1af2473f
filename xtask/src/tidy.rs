//! `cargo xtask tidy`: what no compiler checks.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Failure,
    run::{output, root},
};

/// The most lines of a file, its tests aside.
const MAX_LINES: usize = 500;
/// Names that say nothing, and so attract everything.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "common", "helpers", "misc", "manager", "service"];

/// Reads every file of the repository, and fails with all that is untidy.
pub(crate) fn run() -> Result<(), Failure> {
    let root = root();
    let mut listing = std::process::Command::new("git");
    listing.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(&root);
    let mut untidy = Vec::new();
    for name in output(&mut listing)?.lines() {
        let path = Path::new(name);
        let Ok(text) = fs::read_to_string(root.join(path)) else { continue };
        match path.extension().and_then(|it| it.to_str()) {
            Some("rs") => untidy.extend(source(path, &text)),
            Some("md") => untidy.extend(page(&root, path, &text)),
            Some(_) | None => {}
        }
    }
    if untidy.is_empty() {
        println!("Everything is tidy.");
        return Ok(());
    }
    Err(untidy.join("\n").into())
}

fn source(path: &Path, text: &str) -> Vec<String> {
    let mut untidy = Vec::new();
    let name = path.display();
    let is_test = path.components().any(|part| part.as_os_str() == "tests");
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
    if !is_test && lines > MAX_LINES {
        untidy.push(format!("{name}: {lines} lines, where {MAX_LINES} are the most"));
    }
    let stem = path.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
    if EMPTY_NAMES.contains(&stem) {
        untidy.push(format!("{name}: `{stem}` says nothing; name the thing"));
    }
    if stem == "lib" && !text.starts_with("//! ") {
        untidy.push(format!("{name}: a crate begins by saying what it is for"));
    }
    untidy
}

/// Links in a page that lead to no file of the repository.
fn page(root: &Path, path: &Path, text: &str) -> Vec<String> {
    let folder: PathBuf = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    links(text)
        .filter(|link| !link.contains("://") && !link.starts_with('#') && !link.is_empty())
        .map(|link| link.split('#').next().unwrap_or_default())
        .filter(|link| !root.join(&folder).join(link).exists())
        .map(|link| format!("{}: there is no {link}", path.display()))
        .collect()
}

/// The targets of a page's links, outside of its code blocks.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|part| part.split("](").skip(1)).filter_map(|rest| rest.split(')').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untidy_sources_are_found() {
        let long = "x\n".repeat(501);
        assert_eq!(source(Path::new("src/a.rs"), &long).len(), 1);
        assert_eq!(source(Path::new("src/a.rs"), &format!("x\n#[cfg(test)]\n{long}")).len(), 0);
        assert_eq!(source(Path::new("tests/a.rs"), &long).len(), 0);
        assert_eq!(source(Path::new("src/utils.rs"), "").len(), 1);
        assert_eq!(source(Path::new("src/lib.rs"), "mod a;").len(), 1);
        assert_eq!(source(Path::new("src/lib.rs"), "//! What it is for.").len(), 0);
    }

    #[test]
    fn dead_links_are_found() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("there.md"), "").unwrap();
        let text = "[a](there.md#part) [b](gone.md) [c](https://x.org) [d](#e)\n```\n[f](g)\n```\n";
        assert_eq!(page(folder.path(), Path::new("a.md"), text), ["a.md: there is no gone.md"]);
    }
}
