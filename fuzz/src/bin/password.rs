//! Passwords: they are accepted as they are or not at all, and however they were spelled.
//!
//! The input is the owner's address, their name, the product's name, and the password.

#![no_main]

use fastauth_domain::{
    account::DisplayName,
    email::EmailAddress,
    password::{
        NewPassword, Owner, PasswordPolicy, PresentedPassword, UnacceptablePassword as Refused,
    },
};
use fastauth_fuzz::{ADA, lines};
use libfuzzer_sys::fuzz_target;
use unicode_normalization::UnicodeNormalization;

const MIN: usize = 8;
const MAX: usize = 128;

fuzz_target!(|input: &str| {
    let [email, name, product, password] = lines(input);
    let email = EmailAddress::parse(email).unwrap_or_else(|_| ADA.clone());
    let name = DisplayName::parse(name).ok();
    let owner = Owner { email: &email, name: name.as_ref() };
    let product = DisplayName::parse(product).ok();
    let policy = PasswordPolicy { min_length: MIN, max_length: MAX, product };
    let judged = judge(password, owner, &policy);
    lengths_count_in_characters(password, &judged);
    spellings_are_one_password(password, &judged, owner, &policy);
    for own in [Some(email.local_part()), name.as_ref().map(DisplayName::as_str)] {
        what_is_personal_is_refused(own.unwrap_or_default(), owner, &policy);
    }
});

fn judge(text: &str, owner: Owner<'_>, policy: &PasswordPolicy) -> Result<Vec<u8>, Refused> {
    let accepted = NewPassword::parse(&text.into(), owner, policy)?;
    Ok(accepted.expose().to_vec())
}

fn presented(text: &str) -> Vec<u8> {
    PresentedPassword::new(&text.into()).expose().to_vec()
}

fn lengths_count_in_characters(text: &str, judged: &Result<Vec<u8>, Refused>) {
    let length = text.nfc().count();
    assert_eq!(*judged == Err(Refused::TooShort { min: MIN }), length < MIN);
    assert_eq!(*judged == Err(Refused::TooLong { max: MAX }), length > MAX);
    if let Ok(accepted) = judged {
        assert_eq!(*accepted, presented(text), "what was accepted is what is presented");
    }
}

/// What one keyboard writes as one character another writes as two.
fn spellings_are_one_password(
    text: &str,
    judged: &Result<Vec<u8>, Refused>,
    owner: Owner<'_>,
    policy: &PasswordPolicy,
) {
    for spelling in [text.nfc().collect::<String>(), text.nfd().collect()] {
        assert_eq!(presented(&spelling), presented(text), "{spelling:?}");
        assert_eq!(judge(&spelling, owner, policy), *judged, "{spelling:?}");
    }
}

/// Also in other letters, and with something around it, unless that is all there is.
fn what_is_personal_is_refused(own: &str, owner: Owner<'_>, policy: &PasswordPolicy) {
    let decorated = own.contains(char::is_alphabetic).then(|| format!("1{own}!"));
    for text in [own.to_owned(), own.to_ascii_uppercase()].into_iter().chain(decorated) {
        let judged = judge(&text, owner, policy);
        assert!(judged.is_err(), "{text:?} is accepted of {own:?}");
    }
}
