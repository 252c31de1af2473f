//! Where SNS may send us.

use super::{Refusal, topic::TopicArn};

/// More than any URL of SNS has.
const MAX_LENGTH: usize = 2_048;

/// A URL of SNS, in the region of our topic.
///
/// It is compared with what such URLs look like, octet by octet, before anything takes it apart: two
/// programs may disagree on which part of a strange URL is the host. Other regions are not believed
/// either, because not everything between `sns.` and `.amazonaws.com` is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnsUrl(String);

impl SnsUrl {
    /// Where a certificate is.
    pub(crate) fn of_certificate(topic: &TopicArn, text: &str) -> Result<Self, Refusal> {
        let name = path(topic, text)
            .and_then(|path| path.strip_prefix("/SimpleNotificationService-"))
            .and_then(|name| name.strip_suffix(".pem"))
            .ok_or(Refusal::ForeignUrl)?;
        let is_hex = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        if name.is_empty() || text.len() > MAX_LENGTH || !name.bytes().all(is_hex) {
            return Err(Refusal::ForeignUrl);
        }
        Ok(Self(text.to_owned()))
    }

    /// Where a subscription is confirmed.
    pub(crate) fn of_confirmation(topic: &TopicArn, text: &str) -> Result<Self, Refusal> {
        let query = path(topic, text)
            .and_then(|path| path.strip_prefix("/?Action=ConfirmSubscription&"))
            .ok_or(Refusal::ForeignUrl)?;
        let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-._~:%=&+".contains(&it);
        if text.len() > MAX_LENGTH || !query.bytes().all(is_plain) {
            return Err(Refusal::ForeignUrl);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What comes after the host.
fn path<'a>(topic: &TopicArn, text: &'a str) -> Option<&'a str> {
    text.strip_prefix("https://")?.strip_prefix(topic.host())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic() -> TopicArn {
        "arn:aws:sns:us-east-1:123456789012:mail".parse().unwrap()
    }

    #[test]
    fn a_certificate_is_nowhere_but_at_sns() {
        let good = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0af3.pem";
        assert_eq!(SnsUrl::of_certificate(&topic(), good).unwrap().as_str(), good);
        for (from, to) in [
            ("https:", "http:"),
            ("https:", "HTTPS:"),
            ("https://", "https:/"),
            ("https://", "https:\\\\"),
            ("https://", " https://"),
            ("https://", "https://user@"),
            ("https://", "https://user:password@"),
            ("https://", "https://evil.example/"),
            ("https://", "https://evil.example\\@"),
            ("https://", "https://evil."),
            (".com/", ".com.evil.example/"),
            (".com/", ".com@evil.example/"),
            (".com/", ".com:443/"),
            (".com/", ".com:8443/"),
            (".com/", ".com./"),
            (".com/", ".com.cn/"),
            (".com/", ".com#/"),
            (".com/", ".com\\"),
            (".com/", ".com//"),
            (".com/", ".com/a/../"),
            ("sns.us-east-1", "sns.s3"),
            ("sns.us-east-1", "sns.s3-us-west-2"),
            ("sns.us-east-1", "sns.eu-west-1"),
            ("sns.us-east-1", "SNS.us-east-1"),
            ("sns.us-east-1", "sns.us-east-1\u{2024}"),
            ("sns.us-east-1", "sqs.us-east-1"),
            ("0af3", ""),
            ("0af3", "0AF3"),
            ("0af3", "../0af3"),
            ("0af3", "0af3%00"),
            ("0af3", "0af3\r\n"),
            (".pem", ".pem?a=b"),
            (".pem", ".pem#"),
            (".pem", ".pem/x"),
            (".pem", ".crt"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good);
            assert_eq!(SnsUrl::of_certificate(&topic(), &bad), Err(Refusal::ForeignUrl), "{bad}");
        }
        let long = good.replace("0af3", &"0af3".repeat(1_000));
        assert_eq!(SnsUrl::of_certificate(&topic(), &long), Err(Refusal::ForeignUrl));
    }

    #[test]
    fn a_subscription_is_confirmed_nowhere_but_at_sns() {
        let good = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription\
                    &TopicArn=arn:aws:sns:us-east-1:123456789012:mail&Token=2336412f37fb687f5d51";
        assert_eq!(SnsUrl::of_confirmation(&topic(), good).unwrap().as_str(), good);
        for (from, to) in [
            ("https:", "http:"),
            ("https://", "https://user@"),
            (".com/", ".com.evil.example/"),
            (".com/", ".com:8443/"),
            ("sns.us-east-1", "sns.s3"),
            ("ConfirmSubscription", "DeleteTopic"),
            ("Token=", "Token=\r\nHost: evil.example"),
            ("Token=", "Token=#"),
            ("Token=", "Token=\\"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good);
            assert_eq!(SnsUrl::of_confirmation(&topic(), &bad), Err(Refusal::ForeignUrl), "{bad}");
        }
    }
}
