//! Where accounts and sessions are stored.

use std::path::PathBuf;

use secrecy::SecretString;

use super::form::{Form, Refused};

/// A database that this version can store in.
#[derive(Clone, Debug)]
pub enum Database {
    /// The memory of this process: gone when it ends.
    Memory,
    /// A SQLite file.
    Sqlite {
        /// As the storage adapter takes it.
        url: String,
        /// The file that the URL names.
        file: PathBuf,
    },
    /// A database server, which other instances may share.
    Server {
        /// As the storage adapter takes it, with the password.
        url: SecretString,
        /// The same without user and password.
        shown: String,
    },
}

/// The form of `DATABASE_URL`.
pub(super) struct DatabaseUrl;

impl Form for DatabaseUrl {
    type Value = Database;

    fn words(&self) -> String {
        "sqlite://<file>?mode=rwc (which creates the file), sqlite://<file>, \
         postgres://<user>:<password>@<host>/<database>, \
         mysql://<user>:<password>@<host>/<database>, or memory://"
            .to_owned()
    }

    fn read(&self, text: &str) -> Result<Database, Refused> {
        let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
        match scheme {
            "memory" if text == "memory://" => Ok(Database::Memory),
            "sqlite" => sqlite(text),
            "postgres" | "postgresql" | "mysql" | "mariadb" => {
                Ok(Database::Server { url: text.into(), shown: without_credentials(text) })
            }
            _ => Err(Refused::OtherForm),
        }
    }

    fn show(&self, text: &str) -> Option<String> {
        Some(without_credentials(text))
    }
}

fn sqlite(url: &str) -> Result<Database, Refused> {
    match fastauth_seaorm::file_of(url) {
        Ok(Some(file)) => Ok(Database::Sqlite { url: url.to_owned(), file }),
        Ok(None) => Err(Refused::Because("for a database in memory, use memory://".to_owned())),
        Err(error) => Err(Refused::Because(error.to_string())),
    }
}

/// The URL of a server holds a password before its `@`.
pub(super) fn without_credentials(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.split_once("://").map_or("", |(scheme, _)| scheme);
            format!("{scheme}://(hidden)@{after}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_memory() {
        let read = |text: &str| DatabaseUrl.read(text).unwrap();
        assert!(matches!(read("memory://"), Database::Memory));
        for (url, path) in [
            ("sqlite://fastauth.db?mode=rwc", "fastauth.db"),
            ("sqlite:fastauth.db", "fastauth.db"),
            ("sqlite:///var/lib/fast%20auth.db", "/var/lib/fast auth.db"),
        ] {
            let Database::Sqlite { url: taken, file } = read(url) else { panic!("{url}") };
            assert_eq!((taken.as_str(), file), (url, path.into()));
        }
    }

    #[test]
    fn a_server_is_told_from_nonsense_and_its_password_is_not_shown() {
        for url in ["postgres://ada:secret@db/x", "mysql://ada:secret@db/x"] {
            let read = DatabaseUrl.read(url).unwrap();
            assert!(matches!(read, Database::Server { .. }));
            assert!(!format!("{read:?}").contains("secret"), "{read:?}");
        }
        assert!(matches!(DatabaseUrl.read("sqlite::memory:"), Err(Refused::Because(_))));
        for text in ["", "fastauth.db", "memory://x", "http://example.com"] {
            assert!(matches!(DatabaseUrl.read(text), Err(Refused::OtherForm)), "{text}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_never_shown() {
        for url in ["postgres://ada:p@ss@db/x", "psotgres://ada:p@ss@db/x", "ada:p@ss@db/x"] {
            let shown = DatabaseUrl.show(url).unwrap();
            assert!(!shown.contains("p@ss") && shown.ends_with("://(hidden)@db/x"), "{shown}");
        }
    }
}
