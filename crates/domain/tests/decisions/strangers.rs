//! What strangers send in place of tokens and names of themselves.

use std::time::Duration;

use fastauth_domain::{
    gate::{self, VerificationRule},
    one_time::{self, Kind, Nonce, OneTimeKey},
    refresh_token::{RefreshKey, RefreshToken},
    server_key::ServerKey,
    session::Persistence,
    token::Token,
    visitor::{DeviceName, UserAgent},
};
use proptest::prelude::*;

use crate::support::{POLICY, moment, verified};

fn server() -> ServerKey {
    ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap()
}

/// A refresh token that the server made.
fn refresh_token() -> String {
    let mut moment = moment(Duration::ZERO);
    let account = verified();
    let active = gate::admit(&account, VerificationRule::Required).unwrap();
    let (_, grant) = active.open_session(Persistence::Normal, &POLICY, &mut moment);
    grant.refresh_token().seal(&RefreshKey::new(&server())).expose().to_owned()
}

/// Something that is no token, but has the beginning of one.
fn forged() -> impl Strategy<Value = String> {
    let prefix = prop_oneof![
        Just(""),
        Just("fa_refresh_"),
        Just("fa_verify_"),
        Just("fa_reset_"),
        Just("fa_change_"),
        Just("fa_revert_"),
    ];
    let rest = prop_oneof![any::<String>(), "[A-Za-z0-9_=-]{0,200}"];
    (prefix, rest).prop_map(|(prefix, rest)| format!("{prefix}{rest}"))
}

/// A text of which a part is replaced by something else.
fn tampered(text: String) -> impl Strategy<Value = String> {
    let length = text.len();
    (0..=length, 0..=length, "[A-Za-z0-9_=-]{0,3}|.{0,2}").prop_map(move |(one, other, new)| {
        let (from, to) = (one.min(other), one.max(other));
        format!("{}{new}{}", &text[..from], &text[to..])
    })
}

proptest! {
    #[test]
    fn nothing_that_was_not_made_here_is_a_token(text in forged()) {
        let presented = Token::presented(text);
        prop_assert!(RefreshToken::open(&presented, &RefreshKey::new(&server())).is_none());
        for kind in Kind::ALL {
            prop_assert!(one_time::hash_of(&presented, *kind).is_none());
        }
    }

    #[test]
    fn a_token_that_was_changed_is_none(text in tampered(refresh_token())) {
        let key = RefreshKey::new(&server());
        let opened = RefreshToken::open(&Token::presented(text.as_str()), &key);
        prop_assert_eq!(opened.is_some(), text == refresh_token());
    }

    #[test]
    fn a_link_that_was_changed_is_none(
        nth in 0..Kind::ALL.len(), nonce in any::<[u8; 32]>(), at in any::<prop::sample::Index>(),
        new in any::<char>(),
    ) {
        let kind = Kind::ALL[nth];
        let made = OneTimeKey::new(&server()).token(kind, &Nonce::from_stored(nonce));
        let mut chars: Vec<_> = made.expose().chars().collect();
        let at = at.index(chars.len());
        let is_the_same = chars[at] == new;
        chars[at] = new;
        let presented = Token::presented(chars.into_iter().collect::<String>());
        for other in Kind::ALL {
            let is_known = one_time::hash_of(&presented, *other).is_some();
            prop_assert_eq!(is_known, is_the_same && *other == kind);
        }
    }

    #[test]
    fn what_a_program_calls_itself_is_kept_short_and_printable(text in any::<String>()) {
        let agent = UserAgent::of(&text).map(|it| it.as_str().to_owned());
        let device = DeviceName::of(&text).map(|it| it.as_str().to_owned());
        for (kept, most) in [(agent, UserAgent::MAX_LENGTH), (device, DeviceName::MAX_LENGTH)] {
            let Some(kept) = kept else { continue };
            prop_assert!((1..=most).contains(&kept.chars().count()));
            prop_assert!(!kept.chars().any(char::is_control) && kept.trim() == kept);
        }
    }
}
