//! What an access token promises.

#[cfg(test)]
mod promises {
    use std::{sync::Arc, time::Duration};

    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use fastauth_domain::{
        account::Account,
        email::EmailAddress,
        gate::{self, Grant, VerificationRule},
        moment::Moment,
        password::PasswordHash,
        role::{Permission, Rights, RoleName},
        server_key::ServerKey,
        session::{Persistence, SessionLimits, SessionPolicy},
        time::Timestamp,
        token::Token,
    };
    use fastauth_paseto::{InvalidKeys, PasetoTokens, Verifier};
    use fastauth_ports::access_tokens::{
        AccessTokens, InvalidAccessToken, PublicKey, VerifyAccessTokens,
    };
    use fastauth_testkit::{clock::TurnableClock, randomness::Dice};
    use proptest::prelude::*;

    const NOW: Timestamp = TurnableClock::START;
    const LIFETIME: Duration = Duration::from_mins(30);
    const ISSUER: &str = "http://localhost:8000";
    const SECRET: &str = "oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa";

    fn tokens_of(secret: &str, issuer: &str) -> PasetoTokens {
        let key = ServerKey::parse(secret.into()).unwrap();
        PasetoTokens::new(&key, issuer, LIFETIME, Arc::new(Dice::default())).unwrap()
    }

    fn tokens() -> PasetoTokens {
        tokens_of(SECRET, ISSUER)
    }

    fn grant() -> Grant {
        let mut moment = Moment::new(NOW, [7; 32]);
        let email = EmailAddress::parse("ada@example.com").unwrap();
        let account = Account::open(email, None, PasswordHash::from_phc("$"), &mut moment);
        let limits = SessionLimits { idle: LIFETIME, absolute: LIFETIME };
        let reuse_interval = Duration::ZERO;
        let policy =
            SessionPolicy { normal: limits, remembered: limits, reuse_interval, most: None };
        let active = gate::admit(&account, VerificationRule::Optional).unwrap();
        active.open_session(Persistence::Normal, &policy, &mut moment).1
    }

    fn issued() -> String {
        tokens().issue(&grant(), &Rights::default(), NOW).unwrap().token.expose().to_owned()
    }

    fn is_accepted(text: &str, now: Timestamp) -> bool {
        tokens().verify(&Token::presented(text), now).is_ok()
    }

    #[test]
    fn a_token_says_who_it_was_issued_to_and_in_which_session() {
        let claims = tokens().verify(&Token::presented(issued()), NOW).unwrap();
        assert_eq!((claims.account, claims.session), (grant().account(), grant().session()));
        assert_eq!((claims.issued_at, claims.expires_at), (NOW, NOW.plus(LIFETIME)));
    }

    fn rights(roles: usize) -> Rights {
        let name = |nth| RoleName::parse(&format!("{}{nth}", "r".repeat(60))).unwrap();
        let permissions = ["posts:publish", "*:*"].map(|text| Permission::parse(text).unwrap());
        Rights { roles: (0..roles).map(name).collect(), permissions: permissions.into() }
    }

    #[test]
    fn a_token_says_what_its_holder_may_do_and_nothing_of_nothing() {
        for rights in [Rights::default(), rights(3)] {
            let token = tokens().issue(&grant(), &rights, NOW).unwrap().token;
            let payload = token.expose().split('.').nth(2).unwrap();
            let payload = URL_SAFE_NO_PAD.decode(payload).unwrap();
            let payload = String::from_utf8_lossy(&payload);
            assert_eq!(payload.contains("roles"), rights != Rights::default(), "{payload}");
            assert_eq!(payload.contains("permissions"), rights != Rights::default(), "{payload}");
            assert_eq!(tokens().verify(&token, NOW).unwrap().rights, rights);
        }
    }

    #[test]
    fn a_token_is_never_longer_than_one_that_is_accepted() {
        for count in [32, 64] {
            let token = tokens().issue(&grant(), &rights(count), NOW).unwrap().token;
            let claims = tokens().verify(&token, NOW).unwrap();
            let expected = if count == 32 { rights(count) } else { Rights::default() };
            assert_eq!(claims.rights, expected);
        }
    }

    #[test]
    fn no_two_tokens_are_equal() {
        let tokens = tokens();
        let issue =
            || tokens.issue(&grant(), &Rights::default(), NOW).unwrap().token.expose().to_owned();
        assert_ne!(issue(), issue());
    }

    #[test]
    fn a_token_ends_at_its_exact_expiry() {
        let token = issued();
        let end = NOW.plus(LIFETIME);
        assert!(is_accepted(&token, Timestamp::from_unix_micros(end.unix_micros() - 1)));
        assert!(!is_accepted(&token, end));
    }

    #[test]
    fn a_token_from_the_future_is_accepted_within_the_leeway_only() {
        let later = NOW.plus(Duration::from_secs(30));
        let token = tokens().issue(&grant(), &Rights::default(), later).unwrap().token;
        assert!(is_accepted(token.expose(), NOW));
        let too_late = later.plus(Duration::from_secs(1));
        let token = tokens().issue(&grant(), &Rights::default(), too_late).unwrap().token;
        assert!(!is_accepted(token.expose(), NOW));
    }

    #[test]
    fn a_token_of_another_key_or_another_server_is_refused() {
        let other_key = tokens_of("Zk3vQ9sW1xN6bT8yH2mC4pL7rD5fJ0gA", ISSUER);
        let other_server = tokens_of(SECRET, "https://example.com");
        for other in [other_key, other_server] {
            let token = other.issue(&grant(), &Rights::default(), NOW).unwrap().token;
            assert_eq!(tokens().verify(&token, NOW), Err(InvalidAccessToken));
        }
    }

    #[test]
    fn no_changed_bit_passes() {
        let token = issued();
        let (rest, footer) = token.rsplit_once('.').unwrap();
        let signed = rest.strip_prefix("v4.public.").unwrap();
        for (at, part) in [signed, footer].into_iter().enumerate() {
            let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
            for bit in 0..bytes.len() * 8 {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                let changed = URL_SAFE_NO_PAD.encode(changed);
                let forged = match at {
                    0 => format!("v4.public.{changed}.{footer}"),
                    _ => format!("v4.public.{signed}.{changed}"),
                };
                assert!(!is_accepted(&forged, NOW), "bit {bit} of part {at}");
            }
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let token = issued();
        let (without_footer, footer) = token.rsplit_once('.').unwrap();
        let long_footer = URL_SAFE_NO_PAD.encode(format!("{{\"kid\":\"{}\"}}", "k".repeat(10_000)));
        for forged in [
            String::new(),
            "v4.public.".to_owned(),
            without_footer.to_owned(),
            format!("{without_footer}."),
            format!("{token}.{footer}"),
            format!("{token}="),
            format!(" {token}"),
            format!("{without_footer}.{long_footer}"),
            token.replacen("v4.public", "v4.local", 1),
            token.replacen("v4.public", "v3.public", 1),
            token.replacen("v4.public", "V4.public", 1),
            grant().session().to_string(),
        ] {
            assert!(!is_accepted(&forged, NOW), "{forged}");
        }
    }

    #[test]
    fn a_token_carries_nothing_personal_and_names_its_key() {
        let token = issued();
        let mut parts = token.split('.').skip(2).map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
        let payload = String::from_utf8_lossy(&parts.next().unwrap()).into_owned();
        assert!(!payload.contains("ada"), "{payload}");
        let footer = String::from_utf8(parts.next().unwrap()).unwrap();
        let PublicKey { id, key, .. } = tokens().public_key().clone();
        assert_eq!(footer, format!("{{\"kid\":\"{id}\"}}"));
        assert!(id.starts_with("k4.pid.") && key.starts_with("k4.public."));
    }

    #[test]
    fn instances_with_one_secret_have_one_key() {
        assert_eq!(tokens().public_keys(), [tokens().public_key().clone()]);
        assert!(!format!("{:?}", tokens()).contains("secret"));
    }

    /// Somebody who has public keys and no secret.
    fn verifier_of(issuer: &str, makers: &[&PasetoTokens]) -> Verifier {
        Verifier::new(issuer, makers.iter().map(|maker| &maker.public_key().key)).unwrap()
    }

    #[test]
    fn whoever_has_the_public_key_reads_what_the_server_reads_until_the_token_expires() {
        let verifier = verifier_of(ISSUER, &[&tokens()]);
        let token = Token::presented(issued());
        assert_eq!(verifier.verify(&token, NOW), tokens().verify(&token, NOW));
        assert!(verifier.verify(&token, NOW).is_ok());
        assert_eq!(verifier.verify(&token, NOW.plus(LIFETIME)), Err(InvalidAccessToken));
    }

    #[test]
    fn of_several_public_keys_the_one_that_the_token_names_must_have_signed_it() {
        let other = tokens_of("Zk3vQ9sW1xN6bT8yH2mC4pL7rD5fJ0gA", ISSUER);
        let token = Token::presented(issued());
        assert!(verifier_of(ISSUER, &[&other, &tokens()]).verify(&token, NOW).is_ok());
        assert!(verifier_of(ISSUER, &[&other]).verify(&token, NOW).is_err());
        // Signed by the one, and said to be by the other.
        let foreign = other.issue(&grant(), &Rights::default(), NOW).unwrap().token;
        let (_, footer) = foreign.expose().rsplit_once('.').unwrap();
        let (signed, _) = token.expose().rsplit_once('.').unwrap();
        let forged = Token::presented(format!("{signed}.{footer}"));
        assert!(verifier_of(ISSUER, &[&other, &tokens()]).verify(&forged, NOW).is_err());
    }

    #[test]
    fn the_tokens_of_another_server_with_the_same_key_are_refused_with_public_keys_too() {
        let verifier = verifier_of("https://example.com", &[&tokens()]);
        assert!(verifier.verify(&Token::presented(issued()), NOW).is_err());
    }

    #[test]
    fn what_is_no_public_key_is_refused_and_not_repeated() {
        let none: [&str; 0] = [];
        assert_eq!(Verifier::new(ISSUER, none).unwrap_err(), InvalidKeys::None);
        let good = tokens().public_key().key.clone();
        for bad in [
            "",
            "k4.public.",
            "k4.public.AAAA",
            &format!("{good}A"),
            &good.replacen("k4.public", "k4.secret", 1),
            &good.replacen("k4.public", "k3.public", 1),
        ] {
            let error = Verifier::new(ISSUER, [good.as_str(), bad]).unwrap_err();
            assert_eq!(error, InvalidKeys::Unreadable(2), "{bad}");
            assert_eq!(error.to_string(), "public key 2 is not PASERK of the form k4.public.…");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_refused(text in any::<String>()) {
            let prefixed = format!("v4.public.{text}");
            prop_assert!(!is_accepted(&text, NOW) && !is_accepted(&prefixed, NOW));
        }
    }
}
