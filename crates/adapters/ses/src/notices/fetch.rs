//! Fetching from SNS.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sesv2::config::http::HttpRequest;
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_types::byte_stream::ByteStream;
use fastauth_ports::unavailable::Unavailable;
use tokio::time::timeout;

use super::url::SnsUrl;

/// The most octets that an answer has.
const MAX_ANSWER: usize = 64 * 1024;
/// How long an answer is waited for, from the first packet to the last.
const PATIENCE: Duration = Duration::from_secs(5);

/// Fetches what is at a URL of SNS.
#[async_trait]
pub trait FetchFromSns: Send + Sync {
    /// Fetches it with `GET`. `None` if SNS says that there is nothing; whoever answers must have
    /// shown that it is SNS (by TLS), and is not to be followed elsewhere.
    async fn fetch(&self, url: &SnsUrl) -> Result<Option<Vec<u8>>, Unavailable>;
}

/// Fetches over HTTPS, trusting the certificate authorities of the machine. Redirects are not
/// followed, an answer of more than 64 KiB is none, and one that takes longer than 5 seconds is given
/// up.
#[derive(Debug)]
pub struct HttpsFetch {
    connector: Connector,
}

impl HttpsFetch {
    /// Nothing is connected to before it is needed.
    pub fn new() -> Self {
        let tls = Provider::Rustls(CryptoMode::Ring);
        Self { connector: Connector::builder().tls_provider(tls).build() }
    }

    async fn get(&self, url: &str) -> Result<Option<Vec<u8>>, Unavailable> {
        let request = HttpRequest::get(url).map_err(Unavailable::new)?;
        let answer = self.connector.call(request).await.map_err(Unavailable::new)?;
        match answer.status().as_u16() {
            200 => bounded(answer.into_body().into()).await,
            status @ (408 | 429 | 500..) => Err(Unavailable::new(format!("SNS answered {status}"))),
            _ => Ok(None),
        }
    }
}

impl Default for HttpsFetch {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl FetchFromSns for HttpsFetch {
    async fn fetch(&self, url: &SnsUrl) -> Result<Option<Vec<u8>>, Unavailable> {
        in_time(self.get(url.as_str())).await
    }
}

async fn in_time<T>(
    answer: impl Future<Output = Result<T, Unavailable>>,
) -> Result<T, Unavailable> {
    timeout(PATIENCE, answer).await.map_err(|_| Unavailable::new("SNS took too long"))?
}

async fn bounded(mut body: ByteStream) -> Result<Option<Vec<u8>>, Unavailable> {
    let mut content = Vec::new();
    while let Some(chunk) = body.try_next().await.map_err(Unavailable::new)? {
        if content.len() + chunk.len() > MAX_ANSWER {
            return Ok(None);
        }
        content.extend_from_slice(&chunk);
    }
    Ok(Some(content))
}

#[cfg(test)]
mod tests;
