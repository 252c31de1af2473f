//! Where people reach the server.

use super::form::{Form, Refused};

/// The base of every link: scheme, host and port, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The URL's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether people reach it by TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The form of `PUBLIC_URL`.
pub(super) struct Origin;

impl Form for Origin {
    type Value = PublicUrl;

    fn words(&self) -> String {
        "http:// or https:// and a host, such as https://auth.example.com, without a path"
            .to_owned()
    }

    fn read(&self, text: &str) -> Result<PublicUrl, Refused> {
        let base = text.strip_suffix('/').unwrap_or(text);
        let authority = base
            .strip_prefix("https://")
            .or_else(|| base.strip_prefix("http://"))
            .ok_or(Refused::OtherForm)?;
        if is_authority(authority) {
            Ok(PublicUrl(base.to_owned()))
        } else {
            Err(Refused::OtherForm)
        }
    }
}

/// `host` or `host:port` (RFC 3986 section 3.2), without user information.
fn is_authority(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        // The last colon of a bare IPv6 address is inside its brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (authority, None),
    };
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    is_port && is_host(host)
}

fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_is_dropped() {
        for (text, url) in [
            ("https://auth.example.com", "https://auth.example.com"),
            ("https://auth.example.com/", "https://auth.example.com"),
            ("http://localhost:8000", "http://localhost:8000"),
            ("http://[::1]:8000/", "http://[::1]:8000"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(Origin.read(text).unwrap().as_str(), url);
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for text in [
            "",
            "auth.example.com",
            "ftp://example.com",
            "https://",
            "https://example.com/auth",
            "https://example.com//",
            "https://example.com?x=1",
            "https://example.com#top",
            "https://user:password@example.com",
            "https://example.com:0",
            "https://example.com:80000",
            "https://exa mple.com",
            "http://[::1",
        ] {
            assert_eq!(Origin.read(text), Err(Refused::OtherForm), "{text:?}");
        }
    }
}
