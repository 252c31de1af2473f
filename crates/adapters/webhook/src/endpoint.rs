//! Where mail is posted to.

use std::{fmt, net::IpAddr};

use reqwest::Url;

/// A URL that mail is posted to. Whoever reads it could learn from its path or query who may post, so
/// that no more than its host is ever told.
#[derive(Clone)]
pub struct Endpoint(Url);

/// The text is no URL that mail can be posted to. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// It is no absolute URL of the web.
    #[error("a webhook's URL begins with https:// and a host")]
    NotWeb,
    /// Mail would cross a network in the open, with links in it that open accounts.
    #[error("a webhook's URL begins with https://, unless it is on this machine")]
    NotEncrypted,
}

impl Endpoint {
    /// Reads an absolute URL: `https`, or `http` if its host is this machine.
    pub fn parse(text: &str) -> Result<Self, InvalidEndpoint> {
        let endpoint = Self(Url::parse(text).map_err(|_| InvalidEndpoint::NotWeb)?);
        match endpoint.0.scheme() {
            "https" => Ok(endpoint),
            "http" if endpoint.is_loopback() => Ok(endpoint),
            "http" => Err(InvalidEndpoint::NotEncrypted),
            _ => Err(InvalidEndpoint::NotWeb),
        }
    }

    /// The host, which may be told.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    pub(crate) fn url(&self) -> Url {
        self.0.clone()
    }

    fn is_loopback(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        // RFC 6761 section 6.3 keeps the name for this.
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("host", &self.host()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_crosses_networks_encrypted_only() {
        for url in [
            "https://example.com/hooks?key=1",
            "https://10.0.0.7:8443",
            "http://localhost:8080/mail",
            "http://127.0.0.1/mail",
            "http://127.1.2.3/mail",
            "http://[::1]:8080/mail",
        ] {
            assert!(Endpoint::parse(url).is_ok(), "{url}");
        }
        for url in [
            "http://example.com/",
            "http://10.0.0.7/",
            "http://0.0.0.0/",
            "http://[::2]/",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "http://localhost@example.com/",
        ] {
            assert_eq!(Endpoint::parse(url).err(), Some(InvalidEndpoint::NotEncrypted), "{url}");
        }
    }

    #[test]
    fn what_is_not_on_the_web_is_refused() {
        for url in ["", "/mail", "example.com/mail", "ftp://localhost/", "file:///mail", "https://"]
        {
            assert_eq!(Endpoint::parse(url).err(), Some(InvalidEndpoint::NotWeb), "{url}");
        }
    }

    #[test]
    fn no_more_than_the_host_is_shown() {
        let endpoint = Endpoint::parse("https://user:word@example.com/path?key=1#part").unwrap();
        assert_eq!(format!("{endpoint:?}"), "Endpoint { host: \"example.com\", .. }");
    }
}
