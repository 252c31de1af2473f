//! The file that keeps the server's secret: made once, whole or not at all, for its owner only.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fastauth_domain::server_key::{ServerKey, WeakSecret};
use fastauth_ports::{randomness::Randomness, unavailable::Unavailable};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::settings::read_secret;

/// What the file is called that the first start makes.
const NAME: &str = "fastauth.key";

/// Draws a secret: 256 bits in base64url (RFC 4648 section 5).
pub fn generate(randomness: &dyn Randomness) -> Result<SecretString, Unavailable> {
    let seed = Zeroizing::new(randomness.seed()?);
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(seed.as_slice())))
}

/// A file that keeps a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    path: PathBuf,
}

/// How a secret was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHistory {
    /// The file was there.
    Found,
    /// The file was made just now.
    Made,
}

/// Why a secret could not be kept in a file, or had from it.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file is there and cannot be read.
    #[error("the secret cannot be read from {}: {cause}", path.display())]
    NotReadable {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// Others than its owner can read the file.
    #[error("the secret in {0} can be read by other users of this machine: run `chmod 600 {0}`", path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
    },
    /// What the file holds is no secret to rely on.
    #[error("the secret in {} cannot be used, {why}: put back the one that was there, or remove the file to have a new one made", path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        why: WeakSecret,
    },
    /// There is a file of this name, which is never replaced.
    #[error("{} exists and is left as it is: name another file, or remove it", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// The file cannot be made.
    #[error("the secret cannot be kept in {}: {cause}; let the program write there, or set SECRET_KEY", path.display())]
    NotMade {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// No secret could be drawn.
    #[error("no secret could be drawn: {0}")]
    NotDrawn(#[from] Unavailable),
}

impl KeyFile {
    /// The file of this path.
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// The file beside a database file.
    pub fn beside(database: &Path) -> Self {
        Self::at(database.with_file_name(NAME))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The secret it keeps; made and kept first if there is no such file. Of several programs that
    /// do this at once, one makes it and all have the same.
    pub fn open_or_make(
        &self,
        randomness: &dyn Randomness,
    ) -> Result<(ServerKey, KeyHistory), KeyFileError> {
        if let Some(key) = self.open()? {
            return Ok((key, KeyHistory::Found));
        }
        let history = match self.make(&generate(randomness)?, randomness) {
            Ok(()) => KeyHistory::Made,
            Err(KeyFileError::Exists { .. }) => KeyHistory::Found,
            Err(error) => return Err(error),
        };
        match self.open()? {
            Some(key) => Ok((key, history)),
            None => Err(self.not_made(io::ErrorKind::NotFound.into())),
        }
    }

    /// The secret it keeps, if there is such a file.
    pub fn open(&self) -> Result<Option<ServerKey>, KeyFileError> {
        let not_readable = |cause| KeyFileError::NotReadable { path: self.path.clone(), cause };
        match fs::metadata(&self.path) {
            Ok(metadata) if is_exposed(&metadata) => {
                return Err(KeyFileError::Exposed { path: self.path.clone() });
            }
            Ok(_) => {}
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(not_readable(cause)),
        }
        let secret = read_secret(&self.path).map_err(not_readable)?;
        ServerKey::parse(secret)
            .map(Some)
            .map_err(|why| KeyFileError::Unusable { path: self.path.clone(), why })
    }

    /// Makes the file, unless there is one. It is written under another name first: whoever finds
    /// it under this one, after whatever crash, finds all of it.
    pub fn make(
        &self,
        secret: &SecretString,
        randomness: &dyn Randomness,
    ) -> Result<(), KeyFileError> {
        let seed = randomness.seed()?;
        let suffix = URL_SAFE_NO_PAD.encode(seed.get(..9).unwrap_or_default());
        let draft = self.path.with_extension(format!("key.{suffix}"));
        let made = write(&draft, secret).and_then(|()| fs::hard_link(&draft, &self.path));
        // A draft that stays behind is nobody's secret.
        let _ = fs::remove_file(&draft);
        match made.and_then(|()| sync_folder(&self.path)) {
            Ok(()) => Ok(()),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                Err(KeyFileError::Exists { path: self.path.clone() })
            }
            Err(cause) => Err(self.not_made(cause)),
        }
    }

    fn not_made(&self, cause: io::Error) -> KeyFileError {
        KeyFileError::NotMade { path: self.path.clone(), cause }
    }
}

/// Writes a new file that only its owner may read, down to the disk.
fn write(path: &Path, secret: &SecretString) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(secret.expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// Makes a new name in a folder last.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if cfg!(unix) { File::open(folder.unwrap_or(Path::new(".")))?.sync_all() } else { Ok(()) }
}

#[cfg(unix)]
fn is_exposed(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
const fn is_exposed(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, thread};

    use fastauth_domain::server_key::KeyPurpose;
    use fastauth_system::OsRandomness;
    use tempfile::TempDir;

    use super::*;

    fn folder_and_file() -> (TempDir, KeyFile) {
        let folder = TempDir::new().unwrap();
        let file = KeyFile::beside(&folder.path().join("fastauth.db"));
        (folder, file)
    }

    fn bytes(key: &ServerKey) -> [u8; 32] {
        *key.derive(KeyPurpose::AccessToken).expose()
    }

    #[test]
    fn the_first_start_makes_it_for_its_owner_only_and_the_second_finds_it() {
        let (folder, file) = folder_and_file();
        let (made, history) = file.open_or_make(&OsRandomness).unwrap();
        assert_eq!(history, KeyHistory::Made);
        let permissions = fs::metadata(file.path()).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
        let (found, history) = file.open_or_make(&OsRandomness).unwrap();
        assert_eq!((bytes(&made), KeyHistory::Found), (bytes(&found), history));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn programs_that_start_at_once_agree() {
        let (_folder, file) = folder_and_file();
        let starts: Vec<_> = (0..16)
            .map(|_| {
                let file = file.clone();
                thread::spawn(move || file.open_or_make(&OsRandomness).unwrap())
            })
            .collect();
        let keys: Vec<_> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        let made = keys.iter().filter(|(_, history)| *history == KeyHistory::Made).count();
        assert_eq!(made, 1);
        assert!(keys.windows(2).all(|pair| bytes(&pair[0].0) == bytes(&pair[1].0)));
    }

    #[test]
    fn one_that_others_can_read_is_refused() {
        let (_folder, file) = folder_and_file();
        file.open_or_make(&OsRandomness).unwrap();
        for mode in [0o640, 0o604, 0o660] {
            fs::set_permissions(file.path(), fs::Permissions::from_mode(mode)).unwrap();
            let error = file.open().unwrap_err();
            assert!(matches!(error, KeyFileError::Exposed { .. }), "{mode:o}");
            let advice = format!("run `chmod 600 {}`", file.path().display());
            assert!(error.to_string().ends_with(&advice), "{error}");
        }
    }

    #[test]
    fn one_that_is_there_is_never_replaced() {
        let (_folder, file) = folder_and_file();
        write(file.path(), &"half a k".into()).unwrap();
        let error = file.open_or_make(&OsRandomness).unwrap_err();
        assert!(matches!(error, KeyFileError::Unusable { .. }));
        let secret = generate(&OsRandomness).unwrap();
        let error = file.make(&secret, &OsRandomness).unwrap_err();
        assert!(matches!(error, KeyFileError::Exists { .. }));
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "half a k\n");
    }
}
