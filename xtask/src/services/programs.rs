//! Finding a server's programs.

use std::{
    cmp::Reverse,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::engine::Engine;
use crate::{
    Failure,
    run::{environment, output},
};

/// Where packages put servers when it is not in PATH. A star is any version, the newest first.
const FOLDERS: [&str; 11] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/sbin",
    "/usr/libexec",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/opt/mariadb*/bin",
    "/opt/homebrew/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/opt/homebrew/opt/mariadb*/bin",
];

/// The programs of an engine, as this machine has them.
pub(super) struct Programs {
    pub(super) initialiser: PathBuf,
    pub(super) server: PathBuf,
}

impl Programs {
    /// Fails with what to install.
    pub(super) fn find(engine: &Engine) -> Result<Self, Failure> {
        let path = environment("PATH").unwrap_or_default();
        let mut folders: Vec<_> = env::split_paths(&path).collect();
        folders.extend(FOLDERS.into_iter().flat_map(expand));
        let initialiser = first(&folders, engine.initialiser);
        let server = first(&folders, engine.server);
        match (initialiser, server) {
            (Some(initialiser), Some(server)) => Ok(Self { initialiser, server }),
            (None, _) => Err(absent(engine, engine.initialiser).into()),
            (_, None) => Err(absent(engine, engine.server).into()),
        }
    }

    /// The server's version, such as 15.10.
    pub(super) fn version(&self) -> Result<String, Failure> {
        let said = output(Command::new(&self.server).arg("--version"))?;
        Ok(version(&said).unwrap_or("of an unknown version").to_owned())
    }
}

fn absent(engine: &Engine, program: &str) -> String {
    let Engine { debian, homebrew, .. } = engine;
    format!(
        "{program} was not found; `apt-get install {debian}` or `brew install {homebrew}` brings it"
    )
}

fn first(folders: &[PathBuf], program: &str) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// The folders that a pattern with at most one star stands for.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![pattern.into()] };
    let (parent, start) = before.rsplit_once('/').unwrap_or(("", before));
    let entries = fs::read_dir(Path::new(parent)).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut versions: Vec<_> =
        names.filter_map(|name| name.strip_prefix(start).map(str::to_owned)).collect();
    versions.sort_by_key(|version| Reverse(numbers(version)));
    versions.iter().map(|version| format!("{before}{version}{after}").into()).collect()
}

/// The numbers of a version, by which 9.6 comes before 15.
fn numbers(version: &str) -> Vec<u32> {
    version.split(|it: char| !it.is_ascii_digit()).filter_map(|it| it.parse().ok()).collect()
}

/// The version in what a server says of itself.
fn version(said: &str) -> Option<&str> {
    let word =
        said.split_whitespace().find(|word| word.starts_with(|it: char| it.is_ascii_digit()));
    word?.split(|it: char| !it.is_ascii_digit() && it != '.').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::engine::ENGINES;

    #[test]
    fn the_newest_version_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().display();
        for version in ["9.6", "15", "16", "8.4"] {
            fs::create_dir_all(folder.path().join(format!("v{version}/bin"))).unwrap();
        }
        fs::create_dir(folder.path().join("other")).unwrap();
        let expected = ["16", "15", "9.6", "8.4"].map(|version| format!("{root}/v{version}/bin"));
        assert_eq!(expand(&format!("{root}/v*/bin")), expected.map(PathBuf::from));
        assert_eq!(expand("/nowhere/*/bin"), Vec::<PathBuf>::new());
        assert_eq!(expand("/usr/sbin"), [PathBuf::from("/usr/sbin")]);
    }

    #[test]
    fn the_first_folder_with_the_program_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let folders = ["a", "b", "c"].map(|name| folder.path().join(name));
        fs::create_dir_all(folders[0].join("initdb")).unwrap();
        fs::create_dir(&folders[1]).unwrap();
        fs::create_dir(&folders[2]).unwrap();
        fs::write(folders[1].join("initdb"), "").unwrap();
        fs::write(folders[2].join("initdb"), "").unwrap();
        assert_eq!(first(&folders, "initdb"), Some(folders[1].join("initdb")));
        assert_eq!(first(&folders, "postgres"), None);
    }

    #[test]
    fn versions_are_read_as_the_servers_tell_them() {
        assert_eq!(version("postgres (PostgreSQL) 15.10 (Debian 15.10-0+deb12u1)"), Some("15.10"));
        assert_eq!(version("postgres (PostgreSQL) 18beta1"), Some("18"));
        assert_eq!(
            version("mariadbd  Ver 10.11.14-MariaDB-0+deb12u2 for debian-linux-gnu on x86_64"),
            Some("10.11.14")
        );
        assert_eq!(version("nothing"), None);
    }

    #[test]
    fn what_is_absent_is_named_with_its_package() {
        let [postgres, _] = ENGINES;
        let sentence = absent(postgres, "initdb");
        assert!(sentence.starts_with("initdb was not found"), "{sentence}");
        assert!(sentence.contains("apt-get install postgresql"), "{sentence}");
    }
}
