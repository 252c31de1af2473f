use proptest::prelude::*;

use super::*;

fn key(input: &str) -> String {
    EmailAddress::parse(input).unwrap().key().as_str().to_owned()
}

#[test]
fn case_and_unicode_spellings_of_one_address_have_one_key() {
    assert_eq!(key("User@Example.COM"), "user@example.com");
    assert_eq!(key("u@ü.example"), key("u@xn--tda.example"));
    assert_eq!(key("jose\u{301}@example.com"), key("josé@example.com"));
}

#[test]
fn look_alikes_and_tags_are_other_people() {
    assert_ne!(key("mike@example.com"), key("mıke@example.com"));
    assert_ne!(key("josé@example.com"), key("jose@example.com"));
    assert_ne!(key("a+tag@example.com"), key("a@example.com"));
    assert_ne!(key("a.b@example.com"), key("ab@example.com"));
    let (dotted, dotless, wide) = ("İan@example.com", "ıan@example.com", "ｉan@example.com");
    for other in [dotted, dotless, wide] {
        assert_ne!(key(other), key("ian@example.com"));
        assert_ne!(key(other), key("Ian@example.com"));
    }
    assert_ne!(key("straße@example.com"), key("strasse@example.com"));
}

#[test]
fn all_characters_of_an_atom_may_be_in_an_address() {
    for address in ["!#$%&'*+-/=?^_`{|}~@example.com", "?=a=?b@example.com", "=?=@example.com"] {
        assert_eq!(EmailAddress::parse(address).unwrap().as_typed(), address);
    }
}

#[test]
fn mail_goes_to_the_spelling_that_was_typed() {
    assert_eq!(EmailAddress::parse("User@Example.COM").unwrap().as_typed(), "User@Example.COM");
    assert_eq!(EmailAddress::parse("u@Ü.Example").unwrap().ascii_domain(), "xn--tda.example");
}

#[test]
fn what_cannot_be_mailed_is_refused() {
    let long_local = format!("{}@example.com", "a".repeat(65));
    let long_domain = format!("a@{}.com", ["d"; 130].join("."));
    for bad in [
        "",
        "@",
        "a@",
        "@example.com",
        "plain",
        "a b@example.com",
        "a@b@c",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "\"quoted\"@example.com",
        "a(c)@example.com",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@host",
        "a@example.com.",
        "a@-x.com",
        "a@x_y.com",
        "a\0@example.com",
        "a\r\nBcc: b@example.com",
        "a@example.com\r\n",
        "a\t@example.com",
        "😀@example.com",
        // The sign for kelvin, which NFC makes a K, and a backtick of its own, which it makes the usual.
        "\u{212a}ate@example.com",
        "a\u{1fef}@example.com",
        "a@\u{212a}.example",
        "a＠example.com",
        "a@127.1",
        "a@0x7f.0.0.0x1",
        "a@example..com",
        "a\u{202e}b@example.com",
        "=?utf-8?q?Eve?=ada@example.com",
        "ada=?utf-8?q?=40example.net=3e?=@example.com",
        " a@example.com",
        &long_local,
        &long_domain,
    ] {
        assert_eq!(EmailAddress::parse(bad), Err(InvalidEmail), "{bad:?}");
    }
}

/// Characters that addresses are made of, and those that somebody tries.
const TRIED: &str = "[a-zA-Z0-9.+_'@\\-İıſßéÉ\u{301}\u{212a}ｋ\u{131}中\u{200d}\u{202e}\\[\\]\"\\\\ \\r\\n\0]{0,12}";

/// Texts that are addresses or nearly.
fn texts() -> impl Strategy<Value = String> {
    let domain = "[a-zA-Z0-9Üßé中\u{301}ｋ\\-]{0,6}(\\.|。)(com|Example|xn--tda|[0-9]|XN--p1ai|)";
    prop_oneof![
        any::<String>(),
        (TRIED, domain).prop_map(|(local, domain)| format!("{local}@{domain}")),
        ("[a-zA-Z0-9é+]{1,70}", "[a-zü]{1,70}(\\.[a-zü]{1,60}){0,4}\\.com")
            .prop_map(|(local, domain)| format!("{local}@{domain}")),
    ]
}

proptest! {
    #[test]
    fn any_text_is_refused_or_an_address_that_can_be_mailed(text in texts()) {
        let Ok(address) = EmailAddress::parse(&text) else { return Ok(()) };
        for spelling in [address.as_typed(), address.key().as_str()] {
            prop_assert!(spelling.len() <= 254 && !spelling.chars().any(char::is_control));
            let parts: Vec<_> = spelling.split('@').collect();
            prop_assert!(parts.len() == 2 && parts.iter().all(|part| !part.is_empty()));
            prop_assert!(parts[0].len() <= 64);
        }
        prop_assert!(address.ascii_domain().is_ascii());
        prop_assert_eq!(address.ascii_domain(), address.ascii_domain().to_ascii_lowercase());
    }

    #[test]
    fn an_address_is_the_same_when_read_from_its_own_spelling_or_key(text in texts()) {
        let Ok(address) = EmailAddress::parse(&text) else { return Ok(()) };
        prop_assert_eq!(&EmailAddress::parse(address.as_typed()).unwrap(), &address);
        let canonical = EmailAddress::parse(address.key().as_str()).unwrap();
        prop_assert_eq!(canonical.key(), address.key());
        prop_assert_eq!(canonical.as_typed(), address.key().as_str());
    }

    #[test]
    fn accounts_are_one_only_if_local_parts_differ_in_ascii_case_alone(
        one in "[kKıiIİsſaAßé+]{1,3}", two in "[kKıiIİsſaAßé+]{1,3}",
    ) {
        let read = |local: &str| EmailAddress::parse(&format!("{local}@example.com")).unwrap();
        let (first, second) = (read(&one), read(&two));
        prop_assert_eq!(first.key() == second.key(), one.eq_ignore_ascii_case(&two));
        if first.key() == second.key() {
            prop_assert_eq!(first.ascii_domain(), second.ascii_domain());
        }
    }

    #[test]
    fn a_domain_is_one_in_letters_and_in_ascii(label in "[a-zäöüéß中文]{1,9}") {
        let letters = EmailAddress::parse(&format!("ada@{label}.example")).unwrap();
        let ascii = format!("ada@{}", letters.ascii_domain());
        let ascii = EmailAddress::parse(&ascii).unwrap();
        prop_assert_eq!(ascii.key(), letters.key());
        // The capital of a sharp s is two letters, which are another domain.
        if !label.contains('ß') {
            let capitals = EmailAddress::parse(&format!("ada@{}.EXAMPLE", label.to_uppercase())).unwrap();
            prop_assert_eq!(capitals.key(), letters.key());
        }
    }
}
