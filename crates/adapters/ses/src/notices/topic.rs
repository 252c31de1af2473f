//! Topics of SNS.

use std::str::FromStr;

/// The name of a topic, such as `arn:aws:sns:eu-west-1:123456789012:mail`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn {
    text: String,
    host: String,
}

/// The text names no topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a topic is named as in arn:aws:sns:eu-west-1:123456789012:mail")]
pub struct InvalidTopicArn;

impl TopicArn {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where SNS is in the topic's region.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

impl FromStr for TopicArn {
    type Err = InvalidTopicArn;

    fn from_str(text: &str) -> Result<Self, InvalidTopicArn> {
        let parts: Vec<_> = text.split(':').collect();
        let &["arn", partition, "sns", region, account, name] = parts.as_slice() else {
            return Err(InvalidTopicArn);
        };
        let suffix = match partition {
            "aws" | "aws-us-gov" => "amazonaws.com",
            "aws-cn" => "amazonaws.com.cn",
            _ => return Err(InvalidTopicArn),
        };
        let is_account = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
        let is_in_names = |it: u8| it.is_ascii_alphanumeric() || b"-_.".contains(&it);
        let is_name = (1..=256).contains(&name.len()) && name.bytes().all(is_in_names);
        if !is_region(region) || !is_account || !is_name {
            return Err(InvalidTopicArn);
        }
        Ok(Self { text: text.to_owned(), host: format!("sns.{region}.{suffix}") })
    }
}

/// Such as `us-east-1`, and never `s3`: a bucket of anybody's may be `sns.s3.amazonaws.com`.
fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [area, middle @ .., number] = parts.as_slice() else { return false };
    let is_word = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase());
    let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    is_word(area) && !middle.is_empty() && middle.iter().all(|it| is_word(it)) && is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sns_is_in_the_region_of_the_topic() {
        for (text, host) in [
            ("arn:aws:sns:us-east-1:123456789012:mail", "sns.us-east-1.amazonaws.com"),
            ("arn:aws:sns:ap-southeast-2:123456789012:a_b-c", "sns.ap-southeast-2.amazonaws.com"),
            ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:m", "sns.us-gov-west-1.amazonaws.com"),
            ("arn:aws-cn:sns:cn-north-1:123456789012:m", "sns.cn-north-1.amazonaws.com.cn"),
        ] {
            let topic: TopicArn = text.parse().unwrap();
            assert_eq!((topic.as_str(), topic.host()), (text, host));
        }
    }

    #[test]
    fn what_names_no_topic_is_refused() {
        for text in [
            "",
            "mail",
            "arn:aws:sqs:us-east-1:123456789012:mail",
            "arn:aws-else:sns:us-east-1:123456789012:mail",
            "arn:aws:sns::123456789012:mail",
            "arn:aws:sns:s3:123456789012:mail",
            "arn:aws:sns:us-east-1.evil.example/:123456789012:mail",
            "arn:aws:sns:us-east-1:1234:mail",
            "arn:aws:sns:us-east-1:123456789012:",
            "arn:aws:sns:us-east-1:123456789012:mail:subscription",
        ] {
            assert_eq!(text.parse::<TopicArn>(), Err(InvalidTopicArn), "{text}");
        }
    }
}
