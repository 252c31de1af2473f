//! What kind of device somebody uses, in words for people.

use fastauth_domain::visitor::DeviceName;
use woothee::parser::Parser;

/// The name of the device whose browser calls itself this: `Firefox on Linux`. A program that is no
/// browser has the name that it gives itself (`curl`). Versions are left out: the next one is the same
/// device.
pub(crate) fn name(user_agent: &str) -> Option<DeviceName> {
    let found = Parser::new().parse(user_agent);
    let known = found.filter(|found| found.name != UNKNOWN && PEOPLES.contains(&found.category));
    let text = match known {
        Some(found) if found.os == UNKNOWN => found.name.to_owned(),
        Some(found) => format!("{} on {}", found.name, system(found.os)),
        // RFC 9110, section 10.1.5: the product comes first, and its version follows a slash.
        None => user_agent.split(['/', ' ', '(']).next()?.to_owned(),
    };
    DeviceName::of(&text)
}

/// What the parser calls what people use: the rest are programs that ask by themselves.
const PEOPLES: [&str; 4] = ["pc", "smartphone", "mobilephone", "appliance"];

/// What the parser says of what it does not know.
const UNKNOWN: &str = "UNKNOWN";

/// A system as people call it: the parser tells the versions of some apart.
fn system(name: &str) -> &str {
    match name {
        "Mac OSX" => "macOS",
        name if name.starts_with("Windows Phone") => "Windows Phone",
        name if name.starts_with("Windows") => "Windows",
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(user_agent: &str) -> Option<String> {
        name(user_agent).map(|it| it.as_str().to_owned())
    }

    #[test]
    fn browsers_are_named_with_their_system_and_without_versions() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/142.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like \
                 Gecko) Version/18.5 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, \
                 like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
        ] {
            assert_eq!(named(user_agent).as_deref(), Some(expected));
        }
    }

    #[test]
    fn programs_are_called_what_they_call_themselves() {
        assert_eq!(named("curl/8.14.1").as_deref(), Some("curl"));
        assert_eq!(named("acme-cli/2.1 (linux)").as_deref(), Some("acme-cli"));
        assert_eq!(named(""), None);
        assert_eq!(named("\u{7}/1"), None);
    }
    proptest! {
        #[test]
        fn any_text_is_named_shortly_or_not_at_all(
            text in any::<String>(),
            similar in "(Mozilla/5\\.0 )?\\(?(Windows NT|iPhone|Android|X11|Mac OS X|DoCoMo|PSP)?[ -~]{0,30}",
        ) {
            for named in [name(&text), name(&similar)].into_iter().flatten() {
                prop_assert!((1..=DeviceName::MAX_LENGTH).contains(&named.as_str().chars().count()));
            }
        }
    }
}
