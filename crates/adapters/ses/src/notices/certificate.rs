//! The certificates that SNS signs with.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use fastauth_domain::time::Timestamp;
use fastauth_ports::unavailable::Unavailable;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use x509_parser::pem::parse_x509_pem;

use super::{NoticeError, Refusal, fetch::FetchFromSns, url::SnsUrl};

/// The most certificates that are kept. SNS has one at a time, and a new one every few months.
const MOST_KEPT: usize = 8;
/// The most certificates that are fetched at once, however many messages name new ones.
const MOST_FETCHED: usize = 4;

/// Fetches certificates, and keeps them.
pub(crate) struct Certificates {
    fetch: Arc<dyn FetchFromSns>,
    fetching: tokio::sync::Semaphore,
    kept: Mutex<VecDeque<(SnsUrl, Arc<Certificate>)>>,
}

/// What is needed of a certificate (RFC 5280). It is believed because of where it was fetched from.
pub(crate) struct Certificate {
    public_key: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl Certificates {
    pub(crate) fn new(fetch: Arc<dyn FetchFromSns>) -> Self {
        let fetching = tokio::sync::Semaphore::new(MOST_FETCHED);
        Self { fetch, fetching, kept: Mutex::default() }
    }

    /// The certificate at a URL.
    pub(crate) async fn certificate(&self, url: SnsUrl) -> Result<Arc<Certificate>, NoticeError> {
        if let Some(certificate) = self.find(&url) {
            return Ok(certificate);
        }
        let busy = |_| Unavailable::new("too many certificates are asked for at once");
        let _permit = self.fetching.try_acquire().map_err(busy)?;
        let pem = self.fetch.fetch(&url).await?.ok_or(Refusal::Certificate)?;
        let certificate = Arc::new(Certificate::parse(&pem).ok_or(Refusal::Certificate)?);
        self.keep(url, Arc::clone(&certificate));
        Ok(certificate)
    }

    fn find(&self, url: &SnsUrl) -> Option<Arc<Certificate>> {
        self.kept().iter().find(|(at, _)| at == url).map(|(_, it)| Arc::clone(it))
    }

    fn keep(&self, url: SnsUrl, certificate: Arc<Certificate>) {
        let mut kept = self.kept();
        kept.retain(|(at, _)| *at != url);
        kept.push_front((url, certificate));
        kept.truncate(MOST_KEPT);
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(SnsUrl, Arc<Certificate>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Certificate {
    /// Reads a certificate in PEM.
    fn parse(pem: &[u8]) -> Option<Self> {
        let (_, pem) = parse_x509_pem(pem).ok().filter(|(_, pem)| pem.label == "CERTIFICATE")?;
        let certificate = pem.parse_x509().ok()?;
        let moment = |seconds: i64| Timestamp::from_unix_micros(seconds.saturating_mul(1_000_000));
        Some(Self {
            public_key: certificate.public_key().subject_public_key.data.to_vec(),
            not_before: moment(certificate.validity().not_before.timestamp()),
            not_after: moment(certificate.validity().not_after.timestamp()),
        })
    }

    /// Whether a text is signed by who holds the key (RSASSA-PKCS1-v1_5 with SHA-256, RFC 8017).
    pub(crate) fn verify(
        &self,
        text: &str,
        signature: &[u8],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if now < self.not_before || now > self.not_after {
            return Err(Refusal::Certificate);
        }
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public_key)
            .verify(text.as_bytes(), signature)
            .map_err(|_| Refusal::Signature)
    }
}
