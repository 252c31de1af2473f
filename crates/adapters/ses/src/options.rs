//! How SES is spoken to.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use crate::MAIL_TAG;

/// How SES is spoken to.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The AWS region, such as `eu-west-1`. `None` for the one that AWS's tools would take.
    pub region: Option<String>,
    /// Where SES is, if not where it usually is in the region: behind a VPC endpoint, for instance.
    pub endpoint_url: Option<EndpointUrl>,
    /// The configuration set, which says among other things where notices go. `None` for the
    /// default one of the sender's identity.
    pub configuration_set: Option<String>,
    /// What every mail is tagged with besides its identifier.
    pub tags: Tags,
    /// How long SES is waited for.
    pub patience: Patience,
}

/// How long SES is waited for, at each mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Until there is a connection, if a new one is needed.
    pub to_connect: Duration,
    /// Until SES has taken the mail, the time to connect and to look for credentials included.
    pub to_hand_over: Duration,
}

impl Default for Patience {
    /// 5 and 10 seconds.
    fn default() -> Self {
        Self { to_connect: Duration::from_secs(5), to_hand_over: Duration::from_secs(10) }
    }
}

/// An address of the web that requests are sent to.
///
/// Mail is hidden from those in between only where it begins with `https`; the other kind is for a
/// stand-in on the same machine or network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointUrl(String);

/// The text is no URL that requests can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an endpoint is a URL such as https://email.eu-west-1.amazonaws.com")]
pub struct InvalidEndpointUrl;

impl EndpointUrl {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EndpointUrl {
    type Err = InvalidEndpointUrl;

    fn from_str(text: &str) -> Result<Self, InvalidEndpointUrl> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or(InvalidEndpointUrl)?;
        let has_host = rest.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '[');
        let is_plain = |it: u8| it.is_ascii_graphic() && !b"?#@\\".contains(&it);
        if has_host && rest.bytes().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEndpointUrl)
        }
    }
}

/// Names with values that SES keeps with a mail and gives back in notices of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

/// Why tags are none that SES would take. It would refuse every mail that bears them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTags {
    /// A name or value has other characters, none, or too many.
    #[error("`{0}` is not 1 to 256 ASCII letters, digits, `_` and `-`")]
    Text(String),
    /// A name is there twice, or is the one that names the mail.
    #[error("there may be only one tag `{0}`")]
    Name(String),
    /// There are too many of them.
    #[error("there may be {} tags and no more", Tags::MOST)]
    Count,
}

impl Tags {
    /// The most there may be. SES takes one more, which names the mail.
    pub const MOST: usize = 49;

    /// Tags of these names and values.
    pub fn new<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, InvalidTags> {
        let mut tags = BTreeMap::new();
        for (name, value) in pairs {
            let is_new = tags.insert(word(name)?, word(value)?).is_none();
            if !is_new || name == MAIL_TAG {
                return Err(InvalidTags::Name(name.to_owned()));
            }
        }
        if tags.len() > Self::MOST { Err(InvalidTags::Count) } else { Ok(Self(tags)) }
    }

    /// Their names and values.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// What both a name and a value must be.
fn word(text: &str) -> Result<String, InvalidTags> {
    let is_taken = |it: u8| it.is_ascii_alphanumeric() || it == b'_' || it == b'-';
    if (1..=256).contains(&text.len()) && text.bytes().all(is_taken) {
        Ok(text.to_owned())
    } else {
        Err(InvalidTags::Text(text.to_owned()))
    }
}

impl fmt::Display for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_web_address_without_more() {
        for text in
            ["https://email.eu-west-1.amazonaws.com", "http://127.0.0.1:4566/", "http://[::1]:1"]
        {
            assert_eq!(text.parse::<EndpointUrl>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "email.eu-west-1.amazonaws.com",
            "ftp://example.com",
            "https://",
            "https:///path",
            "https://user@example.com",
            "https://example.com/?a=b",
            "https://example.com/ b",
        ] {
            assert_eq!(text.parse::<EndpointUrl>(), Err(InvalidEndpointUrl), "{text}");
        }
    }

    #[test]
    fn tags_are_what_ses_takes() {
        let tags = Tags::new([("app", "shop"), ("stage", "test_1-a")]).unwrap();
        assert_eq!(tags.pairs().collect::<Vec<_>>(), [("app", "shop"), ("stage", "test_1-a")]);
        for text in ["", "a b", "ä", "a:b", "x".repeat(257).as_str()] {
            let refused = Err(InvalidTags::Text(text.to_owned()));
            assert_eq!(Tags::new([(text, "a")]), refused);
            assert_eq!(Tags::new([("a", text)]), refused);
        }
        for pairs in [[("a", "b"), ("a", "c")], [("b", "b"), (MAIL_TAG, "c")]] {
            assert!(matches!(Tags::new(pairs), Err(InvalidTags::Name(_))), "{pairs:?}");
        }
    }

    #[test]
    fn there_are_no_more_tags_than_ses_takes_besides_ours() {
        let names: Vec<_> = (0..50).map(|nth| format!("tag{nth}")).collect();
        let pairs = |count| names.iter().take(count).map(|name| (name.as_str(), "a"));
        assert!(Tags::new(pairs(49)).is_ok());
        assert_eq!(Tags::new(pairs(50)), Err(InvalidTags::Count));
    }
}
