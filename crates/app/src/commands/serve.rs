//! `fastauth serve`

use std::{
    fmt::Write,
    net::SocketAddr,
    path::{Path, absolute},
};

use fastauth::{
    FastAuth, SecretOrigin,
    settings::{Database, MailProvider},
};

use super::{configuration, run_async, say};
use crate::{failure::Failure, listening, server, shutdown::StopSignals, watched::Watched};

/// Serves until told to stop.
pub(super) fn run() -> Result<(), Failure> {
    let configuration = configuration()?;
    run_async(async {
        let signals = StopSignals::listen()?;
        // First of all: a second server on the same files is most likely a slip.
        let listener = listening::to_everybody(&configuration).await?;
        let watched = Watched::open(&configuration).await?;
        let auth = FastAuth::compose(configuration).await?;
        // Whoever started it may not be there any more to read this.
        let _ = say(welcome(&auth, listener.local_addr()?));
        server::serve(listener, watched, &auth, signals).await;
        auth.close().await;
        Ok(())
    })
}

/// Where everything is, and what to try first.
fn welcome(auth: &FastAuth, address: SocketAddr) -> String {
    let configuration = auth.configuration();
    let url = format!("http://{address}");
    let mut text = format!("FastAuth {} listens on {url}\n", env!("CARGO_PKG_VERSION"));
    let mut line = |name: &str, what: String| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  {name:<10}{what}");
    };
    line("try it", format!("{url}/docs"));
    if let Some(address) = configuration.metrics_listen {
        line("metrics", format!("http://{address}/metrics"));
    }
    line(
        "database",
        match &configuration.database {
            Database::Memory => "in memory: everything is gone when this program ends".to_owned(),
            Database::Sqlite { file, .. } => full(file),
            Database::Server { shown, .. } => shown.clone(),
        },
    );
    if let Some(server) = &configuration.redis {
        line("limits", format!("counted in {}", server.shown));
    }
    line(
        "secret",
        match auth.secret_origin() {
            SecretOrigin::Set => "as set".to_owned(),
            SecretOrigin::Drawn => "drawn for this run only".to_owned(),
            SecretOrigin::File(path) => full(path),
            SecretOrigin::NewFile(path) => format!("{} (made just now: keep it)", full(path)),
        },
    );
    line(
        "mail",
        match configuration.mail_provider {
            MailProvider::Console => "printed here".to_owned(),
            MailProvider::Eml => format!("written to {}", full(&configuration.mail_directory)),
            MailProvider::Ses => "handed to Amazon SES".to_owned(),
            MailProvider::Webhook => {
                let host = configuration.webhook_url.as_ref().map_or("", |url| url.host());
                format!("handed to {host}")
            }
            MailProvider::Smtp => {
                let host = configuration.smtp_host.as_deref().unwrap_or_default();
                format!("handed to {host}, port {}", configuration.smtp_port)
            }
            MailProvider::Memory => "kept in memory and not sent".to_owned(),
        },
    );
    let _ = write!(
        text,
        "Register somebody:\n  \
         curl -X POST {url}/auth/register -H 'Content-Type: application/json' \
         -d '{{\"email\":\"user@example.com\",\"password\":\"securepassword123\"}}'\n\
         Ctrl-C stops it."
    );
    text
}

fn full(path: &Path) -> String {
    absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}
