//! Addresses: whatever text comes is refused, or is an address that mail can be sent to and one account
//! has.

#![no_main]

use fastauth_domain::email::EmailAddress;
use libfuzzer_sys::fuzz_target;
use unicode_normalization::UnicodeNormalization;

fuzz_target!(|text: &str| {
    let Ok(address) = EmailAddress::parse(text) else { return };
    can_be_mailed(&address);
    assert_eq!(read(address.as_typed()), address, "as typed it is the same");
    let canonical = read(address.key().as_str());
    assert_eq!(canonical.key(), address.key(), "the key of the key is the key");
    assert_eq!(canonical.as_typed(), address.key().as_str());
    other_spellings_have_one_key(&address);
});

fn read(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn can_be_mailed(address: &EmailAddress) {
    for spelling in [address.as_typed(), address.key().as_str()] {
        assert!(spelling.len() <= 254);
        assert!(!spelling.contains(|c: char| c.is_control() || c.is_whitespace()));
        let (local, domain) = spelling.split_once('@').unwrap();
        assert!(!local.is_empty() && local.len() <= 64);
        assert!(!domain.is_empty() && !domain.contains('@'));
    }
    let domain = address.ascii_domain();
    assert!(domain.is_ascii() && domain == domain.to_ascii_lowercase());
    assert!(address.as_typed().starts_with(address.local_part()));
}

/// Letters may be large, and accents may stand on their own.
fn other_spellings_have_one_key(address: &EmailAddress) {
    let typed = address.as_typed();
    let decomposed: String = typed.nfd().collect();
    for spelling in [&typed.to_ascii_uppercase(), &typed.to_ascii_lowercase(), &decomposed] {
        let other = read(spelling);
        assert_eq!(other.key(), address.key(), "{spelling}");
        assert_eq!(other.ascii_domain(), address.ascii_domain());
    }
}
