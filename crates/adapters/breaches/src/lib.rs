//! Asks a service whether passwords are known from breaches, by the first five digits of their hash.
//!
//! The service is one that speaks as [Pwned Passwords](https://haveibeenpwned.com/API/v3#PwnedPasswords)
//! does: it tells all that it knows under five digits of a SHA-1, some thousand hashes, and never
//! learns which of them was meant, or whether any was.

mod answer;
mod digest;
mod failure;
mod source;
mod tls;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use fastauth_domain::{breaches::Finding, password::NewPassword};
use fastauth_ports::{breaches::SearchBreaches, unavailable::Unavailable};
use reqwest::{Client, Response, StatusCode, redirect, retry};

use self::digest::Digest;
pub use self::source::{BreachSource, InvalidSource};

/// How long a search takes at most, from looking up the host to the last octet. Somebody waits.
const PATIENCE: Duration = Duration::from_secs(1);
/// The most octets of an answer. Those of Pwned Passwords have some 80,000.
const MAX_ANSWER: usize = 512 * 1_024;

/// Searches what a service knows.
pub struct RangeSearch {
    source: BreachSource,
    client: Client,
}

/// There can be no connections with TLS.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct NoClient(Box<dyn std::error::Error + Send + Sync>);

impl RangeSearch {
    /// Asks this service. It is not spoken to before the first password.
    pub fn new(source: BreachSource) -> Result<Self, NoClient> {
        let tls = tls::config().map_err(|error| NoClient(error.into()))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("FastAuth/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE)
            .retry(retry::never())
            // Nobody else is told of the five digits.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| NoClient(error.into()))?;
        Ok(Self { source, client })
    }

    async fn ask(&self, prefix: &str) -> Result<Vec<u8>, Unavailable> {
        let host = self.source.host();
        let request = self.client.get(self.source.range(prefix));
        // Rows that mean nothing keep the length of the answer from telling which range it is.
        let answer = request.header("add-padding", "true").send().await;
        let answer = answer.map_err(|error| failure::unanswered(host, error))?;
        if answer.status() != StatusCode::OK {
            return Err(Unavailable::new(format!("{host} answered {}", answer.status().as_u16())));
        }
        bounded(host, answer).await
    }
}

#[async_trait]
impl SearchBreaches for RangeSearch {
    async fn search(&self, password: &NewPassword) -> Result<Finding, Unavailable> {
        let digest = Digest::of(password);
        let body = self.ask(digest.prefix()).await?;
        answer::read(&body, &digest)
            .map_err(|error| Unavailable::new(format!("{}: {error}", self.source.host())))
    }
}

impl fmt::Debug for RangeSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RangeSearch").field("source", &self.source).finish_non_exhaustive()
    }
}

async fn bounded(host: &str, mut answer: Response) -> Result<Vec<u8>, Unavailable> {
    let mut body = Vec::new();
    while let Some(chunk) =
        answer.chunk().await.map_err(|error| failure::unanswered(host, error))?
    {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Unavailable::new(format!("{host} answered more than {MAX_ANSWER} octets")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
