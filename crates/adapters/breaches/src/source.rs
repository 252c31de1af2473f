//! Who is asked.

use std::{fmt, net::IpAddr};

use reqwest::Url;

/// A service that searches ranges of hashes, such as `https://api.pwnedpasswords.com` or a mirror.
#[derive(Clone, PartialEq, Eq)]
pub struct BreachSource(Url);

/// The text is no URL of such a service. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSource {
    /// It is no absolute URL of the web.
    #[error("the URL of the service begins with https:// and a host")]
    NotWeb,
    /// Anybody on the way could answer in its place.
    #[error("the URL of the service begins with https://, unless it is on this machine")]
    NotEncrypted,
    /// There is more to it than where the service is.
    #[error("the URL of the service has no user, no password, no query and no fragment")]
    NotPlain,
}

impl BreachSource {
    /// Reads an absolute URL: `https`, or `http` if its host is this machine. `/range/` and five
    /// digits are put behind it.
    pub fn parse(text: &str) -> Result<Self, InvalidSource> {
        let url = Url::parse(text).map_err(|_| InvalidSource::NotWeb)?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        match url.scheme() {
            "https" | "http" if !is_plain => Err(InvalidSource::NotPlain),
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err(InvalidSource::NotEncrypted),
            _ => Err(InvalidSource::NotWeb),
        }
    }

    /// The host.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Where it tells what it knows under these digits.
    pub(crate) fn range(&self, prefix: &str) -> Url {
        let mut url = self.0.clone();
        // A URL with a host has segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["range", prefix]);
        }
        url
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    // RFC 6761 section 6.3 keeps the name for this.
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Debug for BreachSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BreachSource").field(&self.0.as_str()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_put_behind_what_is_there() {
        for (source, range) in [
            ("https://api.pwnedpasswords.com", "https://api.pwnedpasswords.com/range/A9993"),
            ("https://api.pwnedpasswords.com/", "https://api.pwnedpasswords.com/range/A9993"),
            ("https://mirror.example:8443/hibp", "https://mirror.example:8443/hibp/range/A9993"),
            ("http://127.0.0.1:8080/a/b/", "http://127.0.0.1:8080/a/b/range/A9993"),
            ("http://[::1]:8080", "http://[::1]:8080/range/A9993"),
            ("http://localhost", "http://localhost/range/A9993"),
        ] {
            assert_eq!(BreachSource::parse(source).unwrap().range("A9993").as_str(), range);
        }
    }

    #[test]
    fn whoever_answers_must_be_who_was_asked() {
        for url in [
            "http://api.pwnedpasswords.com",
            "http://10.0.0.7/",
            "http://0.0.0.0/",
            "http://localhost.example.com/",
        ] {
            assert_eq!(BreachSource::parse(url), Err(InvalidSource::NotEncrypted), "{url}");
        }
        for url in ["", "api.pwnedpasswords.com", "/range", "ftp://localhost/", "https://"] {
            assert_eq!(BreachSource::parse(url), Err(InvalidSource::NotWeb), "{url}");
        }
    }

    #[test]
    fn a_url_says_where_the_service_is_and_nothing_else() {
        for url in [
            "https://user@example.com/",
            "https://user:word@example.com/",
            "https://example.com/?key=1",
            "https://example.com/#part",
            "http://localhost@example.com/",
        ] {
            assert_eq!(BreachSource::parse(url), Err(InvalidSource::NotPlain), "{url}");
        }
    }
}
