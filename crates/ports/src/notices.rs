//! Understanding what a provider tells of mail that it was handed.

use async_trait::async_trait;
use fastauth_domain::delivery::Notice;

use crate::unavailable::Unavailable;

/// A request as it was received, octet by octet.
#[derive(Clone, Copy, Debug)]
pub struct Posted<'a> {
    /// Its headers, each with its name in lower case. Those that are no text are left out.
    pub headers: &'a [(&'a str, &'a str)],
    /// Its body.
    pub body: &'a [u8],
}

impl<'a> Posted<'a> {
    /// The value of a header; nothing if it is not there.
    pub fn header(&self, name: &str) -> &'a str {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| *value)
    }
}

/// Why a request tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// It is not from whom it should be, or cannot be understood.
    #[error("{0}")]
    Refused(String),
    /// It cannot be told for the moment whether it is.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Reads the notices of one provider.
#[async_trait]
pub trait ReadNotices: Send + Sync {
    /// Makes sure that a request is from the provider, and gives what it tells of our mail. What it
    /// tells of other things is no error, because its sender would try it again.
    async fn read(&self, posted: Posted<'_>) -> Result<Vec<Notice>, NotRead>;
}
