//! Writes mail into a directory instead of sending it, for development: one file of each mail, as it
//! would go over the wire (RFC 5322), which mail programs open.

use std::{
    fs::DirBuilder,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use fastauth_domain::delivery::Reason;
use fastauth_mime::MimeMessage;
use fastauth_ports::{
    clock::Clock,
    mail::{NotSent, OutgoingMail, SendMail},
    unavailable::Unavailable,
};
use secrecy::ExposeSecret;
use tempfile::NamedTempFile;
use tokio::task;

/// Writes each mail into a directory, as `<identifier>.eml`. One that is sent again takes the place of
/// the first.
///
/// Files appear whole, and where there are owners of files, only theirs may read them: the links in
/// them open accounts.
pub struct EmlDirectory {
    path: PathBuf,
    clock: Arc<dyn Clock>,
}

impl EmlDirectory {
    /// Writes into this directory. It is made if it is not there, with those that it is in.
    pub fn open(path: impl Into<PathBuf>, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let path = path.into();
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&path)?;
        Ok(Self { path, clock })
    }
}

#[async_trait]
impl SendMail for EmlDirectory {
    async fn send(&self, mail: &OutgoingMail) -> Result<Option<Reason>, NotSent> {
        let message = MimeMessage::write(mail, self.clock.now())
            .map_err(|error| NotSent::Permanent(error.to_string()))?;
        let name = format!("{}.eml", mail.id);
        let said = Reason::new(&format!("written to {name}"));
        let directory = self.path.clone();
        task::spawn_blocking(move || write(&directory, &name, &message))
            .await
            .map_err(Unavailable::new)?
            .map_err(Unavailable::new)?;
        Ok(Some(said))
    }
}

impl std::fmt::Debug for EmlDirectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmlDirectory").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Whoever watches the directory sees the whole file or none: it gets its name when it is complete.
fn write(directory: &Path, name: &str, message: &MimeMessage) -> io::Result<()> {
    // Made with mode 0600, and removed again if anything fails.
    let mut file = NamedTempFile::with_prefix_in(".", directory)?;
    file.write_all(message.content().expose_secret())?;
    file.persist(directory.join(name))?;
    Ok(())
}
