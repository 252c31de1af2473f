//! Tokens: what this server has sealed opens as what it was, and nothing else opens.

#![no_main]

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fastauth_domain::{
    account::Account,
    gate::{self, Grant, VerificationRule},
    moment::Moment,
    one_time::{self, Kind, Nonce, OneTimeKey},
    password::PasswordHash,
    refresh_token::{RefreshKey, RefreshToken},
    role::Rights,
    session::{Persistence, SessionLimits, SessionPolicy},
    time::Timestamp,
    token::Token,
};
use fastauth_fuzz::{ADA, SERVER_KEY};
use fastauth_paseto::PasetoTokens;
use fastauth_ports::{
    access_tokens::{AccessTokens, VerifyAccessTokens},
    randomness::Randomness,
    unavailable::Unavailable,
};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

const LIFETIME: Duration = Duration::from_mins(30);
const NOW: Timestamp = Timestamp::from_unix_micros(1_800_000_000_000_000);

static REFRESH_KEY: LazyLock<RefreshKey> = LazyLock::new(|| RefreshKey::new(&SERVER_KEY));
static ONE_TIME_KEY: LazyLock<OneTimeKey> = LazyLock::new(|| OneTimeKey::new(&SERVER_KEY));
static ACCESS: LazyLock<PasetoTokens> = LazyLock::new(|| {
    PasetoTokens::new(&SERVER_KEY, "https://example.com", LIFETIME, Arc::new(Seven)).unwrap()
});
/// One token of each kind.
static REAL: LazyLock<Vec<Token>> = LazyLock::new(|| {
    let nonce = Nonce::from_stored([7; 32]);
    let one_time = Kind::ALL.iter().map(|kind| ONE_TIME_KEY.token(*kind, &nonce));
    let grant = grant(NOW, [7; 32]);
    let access = ACCESS.issue(&grant, &Rights::default(), NOW).unwrap().token;
    let refresh = grant.refresh_token().seal(&REFRESH_KEY);
    one_time.chain([access, refresh]).collect()
});

/// Randomness that is none.
struct Seven;

impl Randomness for Seven {
    fn seed(&self) -> Result<[u8; 32], Unavailable> {
        Ok([7; 32])
    }
}

fuzz_target!(|input: ([u8; 8], u16, u8, &str)| {
    let (seed, at, length, text) = input;
    assert_eq!(opens(text), is_real(text), "{text}");
    for real in &*REAL {
        let changed = splice(real.expose(), at.into(), length.into(), text);
        assert_eq!(opens(&changed), is_real(&changed), "{changed}");
    }
    no_other_payload_opens(at.into(), text.as_bytes());
    what_is_sealed_opens_as_what_it_was(i64::from_le_bytes(seed), seed);
});

/// The text with another one in the place of a part of it.
fn splice(text: &str, at: usize, length: usize, other: &str) -> String {
    let (before, rest) = text.split_at(at % text.len());
    let (_, after) = rest.split_at(length.min(rest.len()));
    format!("{before}{other}{after}")
}

/// The fuzzer learns by heart what inputs are compared with, and so comes to know these.
fn is_real(text: &str) -> bool {
    REAL.iter().any(|real| real.expose() == text)
}

fn opens(text: &str) -> bool {
    let token = Token::presented(text);
    RefreshToken::open(&token, &REFRESH_KEY).is_some()
        || Kind::ALL.iter().any(|kind| one_time::hash_of(&token, *kind).is_some())
        || ACCESS.verify(&token, NOW).is_ok()
}

/// Anybody can make the checksum of a refresh token, but not the seal before it.
fn no_other_payload_opens(at: usize, bytes: &[u8]) {
    const PREFIX: &str = "fa_refresh_";
    let encoded = REAL.iter().find_map(|real| real.expose().strip_prefix(PREFIX)).unwrap();
    let mut payload = URL_SAFE_NO_PAD.decode(encoded).unwrap();
    payload.truncate(payload.len() - 4);
    let at = at % payload.len();
    payload[at..].iter_mut().zip(bytes).for_each(|(old, new)| *old = *new);
    let sum = Sha256::new().chain_update(PREFIX).chain_update(&payload).finalize();
    payload.extend_from_slice(&sum[..4]);
    let forged = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(payload));
    assert_eq!(opens(&forged), is_real(&forged), "{forged}");
}

fn what_is_sealed_opens_as_what_it_was(micros: i64, seed: [u8; 8]) {
    let mut random = [7; 32];
    random[..8].copy_from_slice(&seed);
    let now = Timestamp::from_unix_micros(micros);
    let grant = grant(now, random);
    let sealed = grant.refresh_token().seal(&REFRESH_KEY);
    let opened = RefreshToken::open(&sealed, &REFRESH_KEY).unwrap();
    assert_eq!(opened.session(), grant.session());
    assert_eq!(opened.seal(&REFRESH_KEY).expose(), sealed.expose());
    // There are times that RFC 3339 cannot write.
    let Ok(access) = ACCESS.issue(&grant, &Rights::default(), now) else { return };
    let claims = ACCESS.verify(&access.token, now).unwrap();
    assert_eq!((claims.account, claims.session), (grant.account(), grant.session()));
    assert!(ACCESS.verify(&access.token, now.plus(LIFETIME)).is_err());
}

fn grant(now: Timestamp, seed: [u8; 32]) -> Grant {
    let mut moment = Moment::new(now, seed);
    let account = Account::open(ADA.clone(), None, PasswordHash::from_phc("$"), &mut moment);
    let limits = SessionLimits { idle: LIFETIME, absolute: LIFETIME };
    let reuse_interval = Duration::ZERO;
    let policy = SessionPolicy { normal: limits, remembered: limits, reuse_interval, most: None };
    let active = gate::admit(&account, VerificationRule::Optional).unwrap();
    active.open_session(Persistence::Normal, &policy, &mut moment).1
}
