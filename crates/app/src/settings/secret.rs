//! The server's secret, given or in a file.

use std::{fs::File, io::Read, path::Path};

use fastauth_argon2::Peppers;
use fastauth_domain::server_key::ServerKey;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::form::{Form, Refused};

/// No secret is longer than this; a file that is holds something else.
const MOST_BYTES: u64 = 4_096;
/// How to come by a better one.
const ADVICE: &str = "make one with `fastauth keys generate`";

/// The form of `SECRET_KEY`.
pub(super) struct Secret;

impl Form for Secret {
    type Value = ServerKey;

    fn words(&self) -> String {
        "at least 32 bytes drawn at random, such as `fastauth keys generate` prints".to_owned()
    }

    fn read(&self, text: &str) -> Result<ServerKey, Refused> {
        ServerKey::parse(SecretString::from(text))
            .map_err(|why| Refused::Because(format!("{why}; {ADVICE}")))
    }

    fn show(&self, _: &str) -> Option<String> {
        None
    }
}

/// The form of `PASSWORD_PEPPER`.
pub(super) struct Pepper;

impl Form for Pepper {
    type Value = Peppers;

    fn words(&self) -> String {
        "a secret such as `fastauth keys generate` prints; several have spaces between them"
            .to_owned()
    }

    fn read(&self, text: &str) -> Result<Peppers, Refused> {
        Peppers::parse(&SecretString::from(text)).map_err(|why| {
            Refused::Because(format!("one of its secrets is too weak, {why}; {ADVICE}"))
        })
    }

    fn show(&self, _: &str) -> Option<String> {
        None
    }
}

/// The form of `SECRET_KEY_FILE`. The file may be readable by others: that is how containers are
/// given their secrets, and who can enter the container is decided elsewhere.
pub(super) struct SecretFile;

impl Form for SecretFile {
    type Value = ServerKey;

    fn words(&self) -> String {
        "the path of a file with the secret in it".to_owned()
    }

    fn read(&self, text: &str) -> Result<ServerKey, Refused> {
        let secret = read_secret(Path::new(text))
            .map_err(|error| Refused::Because(format!("the file cannot be read: {error}")))?;
        ServerKey::parse(secret)
            .map_err(|why| Refused::Because(format!("its secret is too weak, {why}; {ADVICE}")))
    }
}

/// What a file holds, without the line break at its end.
pub(crate) fn read_secret(path: &Path) -> std::io::Result<SecretString> {
    let mut content = Zeroizing::new(String::new());
    File::open(path)?.take(MOST_BYTES).read_to_string(&mut content)?;
    Ok(SecretString::from(content.trim_end_matches(['\r', '\n'])))
}
