//! Words: what strangers call themselves, what they read, and what roles are called. What is kept has the
//! form that is promised, and is read again as itself.

#![no_main]

use std::net::IpAddr;

use fastauth_domain::{
    account::{DisplayName, ImageUrl},
    delivery::Reason,
    identifier::AccountId,
    language::{Language, Languages},
    role::{Permission, RoleName},
    visitor::{ClientNetwork, DeviceName, UserAgent},
};
use fastauth_fuzz::lines;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    names(text);
    pictures(text);
    languages(text);
    roles(text);
    permissions(lines(text));
    short_texts(text);
    identifiers(text);
    networks(text);
});

fn names(text: &str) {
    let Ok(name) = DisplayName::parse(text) else { return };
    assert!((1..=128).contains(&name.as_str().chars().count()));
    assert!(!name.as_str().contains(char::is_control));
    assert_eq!(name.as_str(), text.trim());
    assert_eq!(DisplayName::parse(name.as_str()), Ok(name));
}

fn pictures(text: &str) {
    let Ok(url) = ImageUrl::parse(text) else { return };
    assert_eq!(url.as_str(), text);
    assert!(text.starts_with("https://") || text.starts_with("http://"));
    assert!(!text.contains(|c: char| c.is_whitespace() || c.is_control() || "\"<>\\".contains(c)));
    assert!(text.chars().count() <= 2048);
}

fn languages(text: &str) {
    let language = |tag| Language::parse(tag).unwrap();
    let offered = Languages::new(language("en"), ["de", "pt-BR", "zh-Hant"].map(language));
    let preferred = offered.preferred(text);
    assert!(preferred.is_none_or(|one| offered.iter().any(|it| it == one)));
    let Ok(read) = Language::parse(text) else { return };
    assert!(read.as_str().len() <= 35 && read.as_str().eq_ignore_ascii_case(text));
    assert_eq!(offered.closest(&read), preferred, "a header with one language in it");
    assert_eq!(Languages::new(read.clone(), []).preferred(text), Some(&read));
    assert_eq!(Language::parse(read.as_str()), Ok(read));
}

fn roles(text: &str) {
    let Ok(name) = RoleName::parse(text) else { return };
    assert!(is_word(text));
    assert_eq!(name.as_str(), text);
    assert!(Permission::parse(text).is_err());
}

fn is_word(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(is_plain)
}

fn permissions(lines: [&str; 3]) {
    let permissions = lines.map(|line| Permission::parse(line).ok());
    for (line, read) in lines.into_iter().zip(&permissions) {
        let expected = line.split_once(':').is_some_and(|(resource, action)| {
            line == "*:*" || is_word(resource) && (action == "*" || is_word(action))
        });
        assert_eq!(read.as_ref().map(Permission::as_str), expected.then_some(line));
    }
    let [Some(one), Some(two), Some(three)] = permissions else { return };
    assert!(one.covers(&one));
    assert!(!(one.covers(&two) && two.covers(&three)) || one.covers(&three));
    assert!(!(one.covers(&two) && two.covers(&one)) || one == two);
}

fn short_texts(text: &str) {
    let kept = |text: &str| UserAgent::of(text).map(|it| it.as_str().to_owned());
    is_one_short_line(text, kept, UserAgent::MAX_LENGTH);
    let kept = |text: &str| DeviceName::of(text).map(|it| it.as_str().to_owned());
    is_one_short_line(text, kept, DeviceName::MAX_LENGTH);
    let kept = |text: &str| Some(Reason::new(text).as_str().to_owned());
    is_one_short_line(text, kept, Reason::MAX_LENGTH);
}

fn is_one_short_line(text: &str, keep: impl Fn(&str) -> Option<String>, most: usize) {
    let Some(kept) = keep(text) else { return };
    assert!(kept.chars().count() <= most && !kept.contains(char::is_control));
    assert_eq!(kept.trim(), kept);
    // Where all of it is kept that is nothing, it may be kept as nothing.
    assert_eq!(keep(&kept).unwrap_or_default(), kept);
}

fn identifiers(text: &str) {
    let Ok(id) = text.parse::<AccountId>() else { return };
    assert_eq!(id.to_string().parse(), Ok(id));
}

fn networks(text: &str) {
    let Ok(address) = text.parse::<IpAddr>() else { return };
    let network = ClientNetwork::containing(address);
    assert!(network.as_str().len() <= ClientNetwork::MAX_LENGTH);
    assert_eq!(ClientNetwork::containing(address.to_canonical()), network);
    assert!(ClientNetwork::of(address).is_none_or(|public| public == network));
}
