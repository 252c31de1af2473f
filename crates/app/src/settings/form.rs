//! The forms that values take: what is right, in words, and how it is read.
//!
//! The words follow "must be", in what is said of a wrong value and in the reference.

use std::{
    fmt::Display,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    ops::RangeInclusive,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use fastauth_application::letters::LinkTemplate;
use fastauth_domain::{
    account::DisplayName, email::EmailAddress, language::Language, limit::Rate, role::RoleName,
};
use fastauth_http::{InvalidNetwork, TrustedProxies, WebOrigin};
use tracing_subscriber::EnvFilter;

/// The form that the value of a setting must have.
pub(super) trait Form {
    /// What a text of this form means.
    type Value;

    /// What is right, to follow "must be".
    fn words(&self) -> String;

    /// What the text means.
    fn read(&self, text: &str) -> Result<Self::Value, Refused>;

    /// What may be shown of the text; nothing of a secret.
    fn show(&self, text: &str) -> Option<String> {
        Some(text.to_owned())
    }
}

/// Why a text was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is not what the form's words say.
    OtherForm,
    /// For a reason of its own, in a clause that says what to do.
    Because(String),
}

/// An IP address, or `localhost`.
pub(super) struct Address;

impl Form for Address {
    type Value = IpAddr;

    fn words(&self) -> String {
        "an IP address or localhost".to_owned()
    }

    fn read(&self, text: &str) -> Result<IpAddr, Refused> {
        if text == "localhost" {
            return Ok(Ipv4Addr::LOCALHOST.into());
        }
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        bare.parse().map_err(|_| Refused::OtherForm)
    }
}

/// An IP address, or `localhost`, with a port.
pub(super) struct Listener;

impl Form for Listener {
    type Value = SocketAddr;

    fn words(&self) -> String {
        "an IP address and a port, such as 127.0.0.1:9090".to_owned()
    }

    fn read(&self, text: &str) -> Result<SocketAddr, Refused> {
        let address: Option<SocketAddr> = match text.strip_prefix("localhost:") {
            Some(port) => port.parse().ok().map(|port: u16| (Ipv4Addr::LOCALHOST, port).into()),
            None => text.parse().ok(),
        };
        address.filter(|address| address.port() != 0).ok_or(Refused::OtherForm)
    }
}

/// A whole number within bounds.
pub(super) struct Whole<T>(pub(super) RangeInclusive<T>);

impl<T: Copy + Display + FromStr + PartialOrd> Form for Whole<T> {
    type Value = T;

    fn words(&self) -> String {
        format!("a whole number from {} to {}", self.0.start(), self.0.end())
    }

    fn read(&self, text: &str) -> Result<T, Refused> {
        text.parse().ok().filter(|number| self.0.contains(number)).ok_or(Refused::OtherForm)
    }
}

/// A whole number of some unit of time, within bounds.
pub(super) struct Span {
    unit: &'static str,
    seconds: u64,
    count: Whole<u32>,
}

impl Span {
    pub(super) const fn seconds(range: RangeInclusive<u32>) -> Self {
        Self { unit: "seconds", seconds: 1, count: Whole(range) }
    }

    pub(super) const fn minutes(range: RangeInclusive<u32>) -> Self {
        Self { unit: "minutes", seconds: 60, count: Whole(range) }
    }

    pub(super) const fn hours(range: RangeInclusive<u32>) -> Self {
        Self { unit: "hours", seconds: 3_600, count: Whole(range) }
    }

    pub(super) const fn days(range: RangeInclusive<u32>) -> Self {
        Self { unit: "days", seconds: 86_400, count: Whole(range) }
    }
}

impl Form for Span {
    type Value = Duration;

    fn words(&self) -> String {
        let Whole(range) = &self.count;
        format!("a whole number of {} from {} to {}", self.unit, range.start(), range.end())
    }

    fn read(&self, text: &str) -> Result<Duration, Refused> {
        self.count.read(text).map(|count| Duration::from_secs(self.seconds * u64::from(count)))
    }
}

/// Yes or no.
pub(super) struct Switch;

impl Form for Switch {
    type Value = bool;

    fn words(&self) -> String {
        "true or false".to_owned()
    }

    fn read(&self, text: &str) -> Result<bool, Refused> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(Refused::OtherForm),
        }
    }
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Form for LogFormat {
    type Value = Self;

    fn words(&self) -> String {
        "text or json".to_owned()
    }

    fn read(&self, text: &str) -> Result<Self, Refused> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(Refused::OtherForm),
        }
    }
}

/// How much an access token is asked by a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenCheck {
    /// Whether its session is alive and its account active.
    Session,
    /// Whether it was signed, for this and not too long ago.
    Signature,
}

impl Form for TokenCheck {
    type Value = Self;

    fn words(&self) -> String {
        "session or signature".to_owned()
    }

    fn read(&self, text: &str) -> Result<Self, Refused> {
        match text {
            "session" => Ok(Self::Session),
            "signature" => Ok(Self::Signature),
            _ => Err(Refused::OtherForm),
        }
    }
}

/// What is logged, in the directives of the `tracing-subscriber` crate.
pub(super) struct LogFilter;

impl Form for LogFilter {
    type Value = String;

    fn words(&self) -> String {
        "a level (error, warn, info, debug, trace, off) or directives such as \
         warn,fastauth_http=debug"
            .to_owned()
    }

    fn read(&self, text: &str) -> Result<String, Refused> {
        EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|_| Refused::OtherForm)
    }
}

/// An e-mail address.
pub(super) struct Mailbox;

impl Form for Mailbox {
    type Value = EmailAddress;

    fn words(&self) -> String {
        "an e-mail address".to_owned()
    }

    fn read(&self, text: &str) -> Result<EmailAddress, Refused> {
        EmailAddress::parse(text).map_err(|_| Refused::OtherForm)
    }
}

/// What a sender or a reader is called.
pub(super) struct Name;

impl Form for Name {
    type Value = DisplayName;

    fn words(&self) -> String {
        "a name of 1 to 128 characters".to_owned()
    }

    fn read(&self, text: &str) -> Result<DisplayName, Refused> {
        DisplayName::parse(text).map_err(|_| Refused::OtherForm)
    }
}

/// What a role is called.
pub(super) struct Role;

impl Form for Role {
    type Value = RoleName;

    fn words(&self) -> String {
        "a small letter, followed by at most 63 small letters, digits, hyphens and underscores"
            .to_owned()
    }

    fn read(&self, text: &str) -> Result<RoleName, Refused> {
        RoleName::parse(text).map_err(|_| Refused::OtherForm)
    }
}

/// How often something may happen, if there is a limit.
pub(super) struct Quota;

impl Form for Quota {
    type Value = Option<Rate>;

    fn words(&self) -> String {
        "a count and a number of seconds, such as 5/60, or off".to_owned()
    }

    fn read(&self, text: &str) -> Result<Option<Rate>, Refused> {
        if text == "off" {
            return Ok(None);
        }
        let (count, seconds) = text.split_once('/').ok_or(Refused::OtherForm)?;
        let whole = |number: &str| number.parse::<u32>().map_err(|_| Refused::OtherForm);
        let per = Duration::from_secs(whole(seconds)?.into());
        Rate::new(whole(count)?, per).map(Some).ok_or(Refused::OtherForm)
    }
}

/// Machines whose word is taken for where requests come from.
pub(super) struct Proxies;

impl Form for Proxies {
    type Value = TrustedProxies;

    fn words(&self) -> String {
        "addresses and networks with commas between them, such as 10.0.0.0/8,192.0.2.7".to_owned()
    }

    fn read(&self, text: &str) -> Result<TrustedProxies, Refused> {
        text.parse().map_err(|invalid| match invalid {
            InvalidNetwork::Unreadable => Refused::OtherForm,
            InvalidNetwork::Everybody => Refused::Because(
                "anybody could make an address up; name the networks of your proxies".to_owned(),
            ),
        })
    }
}

/// A number that is not exceeded, if there is one.
pub(super) struct Most;

impl Form for Most {
    type Value = Option<NonZeroU32>;

    fn words(&self) -> String {
        "a whole number from 1 to 10000, or off".to_owned()
    }

    fn read(&self, text: &str) -> Result<Option<NonZeroU32>, Refused> {
        if text == "off" {
            return Ok(None);
        }
        let number = text.parse().ok().filter(|number: &NonZeroU32| number.get() <= 10_000);
        number.map(Some).ok_or(Refused::OtherForm)
    }
}

/// A language.
pub(super) struct Tongue;

impl Form for Tongue {
    type Value = Language;

    fn words(&self) -> String {
        "the tag of a language, such as en or de-CH".to_owned()
    }

    fn read(&self, text: &str) -> Result<Language, Refused> {
        Language::parse(text).map_err(|_| Refused::OtherForm)
    }
}

/// A directory that is there.
pub(super) struct Directory;

impl Form for Directory {
    type Value = PathBuf;

    fn words(&self) -> String {
        "a directory".to_owned()
    }

    fn read(&self, text: &str) -> Result<PathBuf, Refused> {
        let path = PathBuf::from(text);
        if path.is_dir() { Ok(path) } else { Err(Refused::OtherForm) }
    }
}

/// Where a link in a mail leads.
pub(super) struct Link;

impl Form for Link {
    type Value = LinkTemplate;

    fn words(&self) -> String {
        "an http:// or https:// URL that contains {token} once".to_owned()
    }

    fn read(&self, text: &str) -> Result<LinkTemplate, Refused> {
        LinkTemplate::parse(text).map_err(|_| Refused::OtherForm)
    }
}

/// Web origins, separated by commas.
pub(super) struct WebOrigins;

impl Form for WebOrigins {
    type Value = Vec<WebOrigin>;

    fn words(&self) -> String {
        "web origins as browsers send them, such as https://app.example.com, separated by commas"
            .to_owned()
    }

    fn read(&self, text: &str) -> Result<Vec<WebOrigin>, Refused> {
        let origins = text.split(',').map(|origin| origin.trim().parse());
        origins.collect::<Result<_, _>>().map_err(|_| Refused::OtherForm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<F: Form<Value: std::fmt::Debug>>(form: &F, texts: &[&str]) {
        for text in texts {
            assert!(form.read(text).is_err(), "{text:?} must be {}", form.words());
        }
    }

    #[test]
    fn an_address_is_an_ip_address_or_localhost() {
        assert_eq!(Address.read("localhost"), Ok(Ipv4Addr::LOCALHOST.into()));
        assert_eq!(Address.read("[::1]"), Ok(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST)));
        assert_eq!(Address.read("0.0.0.0"), Ok(Ipv4Addr::UNSPECIFIED.into()));
        refused(&Address, &["", "example.com", "1.2.3", "127.0.0.1:80", "[127.0.0.1", " ::1"]);
    }

    #[test]
    fn web_origins_are_separated_by_commas() {
        let origins = WebOrigins.read("https://app.example.com, http://localhost:3000").unwrap();
        assert_eq!(origins.len(), 2);
        refused(&WebOrigins, &["", "*", "https://app.example.com,", "https://app.example.com/"]);
    }

    #[test]
    fn a_listener_is_an_address_with_a_port() {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 9_090));
        assert_eq!(Listener.read("127.0.0.1:9090"), Ok(loopback));
        assert_eq!(Listener.read("localhost:9090"), Ok(loopback));
        assert!(Listener.read("[::1]:9090").is_ok());
        refused(
            &Listener,
            &["", "9090", ":9090", "127.0.0.1", "127.0.0.1:0", "::1:9090", "a:9090"],
        );
    }

    #[test]
    fn a_number_is_whole_and_within_its_bounds() {
        assert_eq!(Whole(1u16..=9).read("9"), Ok(9));
        refused(&Whole(1u16..=9), &["", "0", "10", "-1", "1.0", "1e0", "99999", " 1", "one"]);
    }

    #[test]
    fn a_span_is_counted_in_its_unit() {
        assert_eq!(Span::days(1..=365).read("7"), Ok(Duration::from_hours(7 * 24)));
        assert_eq!(Span::seconds(0..=60).read("0"), Ok(Duration::ZERO));
        refused(&Span::hours(1..=24), &["0", "25", "1h"]);
    }

    #[test]
    fn a_switch_is_on_or_off() {
        assert_eq!(Switch.read("True"), Ok(true));
        assert_eq!(Switch.read("0"), Ok(false));
        refused(&Switch, &["", "2", "enabled"]);
    }

    #[test]
    fn a_role_is_a_name_as_it_is_stored() {
        assert_eq!(Role.read("member"), Ok(RoleName::from_static("member")));
        refused(&Role, &["", "Member", "2nd", " member", "a:b"]);
    }

    #[test]
    fn a_quota_is_a_count_over_a_time_or_none() {
        assert_eq!(Quota.read("5/60"), Ok(Rate::new(5, Duration::from_mins(1))));
        assert_eq!(Quota.read("off"), Ok(None));
        refused(&Quota, &["", "5", "0/60", "5/0", "5/60/2", "-1/60", "five/60", "5 / 60"]);
    }

    #[test]
    fn proxies_are_machines_and_not_everybody() {
        assert!(Proxies.read("10.0.0.0/8, 192.0.2.7").is_ok());
        refused(&Proxies, &["", "proxy", "10.0.0.0/33", "0.0.0.0/0"]);
        assert!(matches!(Proxies.read("::/0"), Err(Refused::Because(_))));
    }

    #[test]
    fn a_log_filter_is_a_level_or_directives() {
        assert!(LogFilter.read("info").is_ok() && LogFilter.read("warn,sqlx=off").is_ok());
        refused(&LogFilter, &["fastauth=loud", "=,="]);
    }
}
