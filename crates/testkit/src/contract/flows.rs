//! Lists of changes as the flows of the product commit them, made by the very same decisions.

use std::time::Duration;

use fastauth_domain::{
    account::Account,
    change::Changes,
    email::EmailAddress,
    email_verification,
    gate::{Grant, VerificationRule},
    login::{self, PasswordCheck},
    moment::Moment,
    one_time::{IssuedToken, Issuer, Lifetimes, OneTimeKey},
    password::PasswordHash,
    password_reset,
    register::{self, Registered, Registration, RegistrationRules},
    role::{self, Rights},
    server_key::ServerKey,
    session::{self, Persistence, Session, SessionLimits, SessionPolicy, SignedIn},
    time::Timestamp,
};

use crate::{clock::TurnableClock, randomness::Dice};

/// When the cases take place.
pub const NOW: Timestamp = TurnableClock::START;

pub const HOUR: Duration = Duration::from_hours(1);

pub const POLICY: SessionPolicy = SessionPolicy {
    normal: SessionLimits { idle: HOUR, absolute: Duration::from_hours(24) },
    remembered: SessionLimits {
        idle: Duration::from_hours(24),
        absolute: Duration::from_hours(48),
    },
    reuse_interval: Duration::from_secs(10),
};

/// The first moment of a series, at [`NOW`].
pub fn moment(series: u64) -> Moment {
    Moment::new(NOW, Dice::new(series).throw())
}

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// Somebody of this address, who has not proven it and is not stored.
pub fn owner(text: &str) -> Account {
    Account::open(address(text), None, hash("first"), &mut moment(0))
}

pub fn hash(name: &str) -> PasswordHash {
    PasswordHash::from_phc(format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${name}"))
}

pub fn issuer() -> Issuer {
    let server = ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap();
    let lifetimes = Lifetimes { email_verification: HOUR, password_reset: HOUR };
    Issuer { key: OneTimeKey::new(&server), lifetimes }
}

fn rules(verification: VerificationRule) -> RegistrationRules {
    RegistrationRules { verification, sessions: POLICY, one_time: issuer() }
}

fn registration(typed: &str) -> Registration {
    Registration { email: address(typed), name: None, password: hash("first"), role: None }
}

/// Somebody registers, and is signed in.
pub fn register(typed: &str, moment: &mut Moment) -> (Changes, Grant) {
    let rules = rules(VerificationRule::Optional);
    let decision = register::register(None, registration(typed), &rules, moment);
    match decision.answer {
        Ok(Registered::SignedIn(grant)) => (decision.changes, grant),
        other => panic!("{other:?}"),
    }
}

/// Somebody registers where addresses must be verified; the address may have an account already.
pub fn register_unverified(taken: Option<&Account>, typed: &str, moment: &mut Moment) -> Changes {
    let rules = rules(VerificationRule::Required);
    register::register(taken, registration(typed), &rules, moment).changes
}

/// The owner of an account signs in.
pub fn login(account: &Account, renewed: Option<PasswordHash>, moment: &mut Moment) -> Changes {
    let check = PasswordCheck::Right { renewed };
    decide_login(Some(account), check, moment)
}

/// Somebody fails to sign in.
pub fn login_refused(found: Option<&Account>, moment: &mut Moment) -> Changes {
    decide_login(found, PasswordCheck::Wrong, moment)
}

fn decide_login(found: Option<&Account>, check: PasswordCheck, moment: &mut Moment) -> Changes {
    let rule = VerificationRule::Optional;
    login::login(found, check, Persistence::Normal, rule, &POLICY, moment).changes
}

/// The refresh token of a grant is used.
pub fn refresh(found: &SignedIn, grant: &Grant, moment: &mut Moment) -> Changes {
    let rule = VerificationRule::Optional;
    session::refresh(Some(found), grant.refresh_token(), rule, &POLICY, moment).changes
}

/// The holder of a grant logs out.
pub fn logout(found: &Session, grant: &Grant, moment: &mut Moment) -> Changes {
    session::logout(Some(found), grant.refresh_token(), moment).changes
}

/// Somebody asks for a password reset.
pub fn request_reset(found: Option<&Account>, moment: &mut Moment) -> Changes {
    password_reset::request(found, &issuer(), moment).changes
}

/// The reader of a reset mail chooses a new password.
pub fn confirm_reset(found: &IssuedToken, password: PasswordHash, moment: &mut Moment) -> Changes {
    password_reset::confirm(Some(found), password, moment).changes
}

/// Somebody asks for a verification mail.
pub fn request_verification(found: Option<&Account>, moment: &mut Moment) -> Changes {
    email_verification::request(found, &issuer(), moment).changes
}

/// The reader of a verification mail proves the address.
pub fn confirm_verification(found: &IssuedToken, moment: &mut Moment) -> Changes {
    email_verification::confirm(Some(found), moment).changes
}

/// An account that may do nothing yet becomes the first administrator.
pub fn make_administrator(account: &Account, moment: &mut Moment) -> Changes {
    role::make_administrator(account.id, Some(&Rights::default()), None, None, moment).unwrap()
}
