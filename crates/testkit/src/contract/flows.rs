//! Lists of changes as the flows of the product commit them, made by the very same decisions.

use std::{num::NonZeroU32, time::Duration};

use fastauth_domain::{
    account::Account,
    change::Changes,
    deletion::{self, Deletion},
    email::EmailAddress,
    email_change, email_verification,
    gate::{Grant, VerificationRule},
    guess::{Guess, GuessLimits},
    identifier::SessionId,
    limit::Rate,
    login::{self, PasswordCheck},
    moment::Moment,
    one_time::{IssuedToken, Issuer, Lifetimes, OneTimeKey},
    password::PasswordHash,
    password_change, password_reset,
    register::{self, Registered, Registration, RegistrationRules},
    revocation,
    role::{self, Administrators, Rights},
    server_key::ServerKey,
    session::{self, Persistence, Session, SessionLimits, SessionPolicy, SignedIn},
    time::Timestamp,
    visitor::{DeviceName, Origin, UserAgent, Visitor},
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
    most: None,
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
    let lifetimes = Lifetimes {
        email_verification: HOUR,
        password_reset: HOUR,
        email_change: HOUR,
        email_revert: HOUR,
    };
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
    let limits = GuessLimits { rate: Rate::new(5, HOUR / 60), most: NonZeroU32::new(100) };
    let guess = Guess::at_sign_in(limits, address("ada@example.com").key(), &visitor().origin);
    let facts = login::Facts { account: found, earlier: &[], guess: &guess };
    login::login(facts, check, Persistence::Normal, rule, &POLICY, moment).changes
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

/// Somebody of whom everything is known that can be.
pub fn visitor() -> Visitor {
    let origin = Origin {
        address: "203.0.113.7".parse().ok(),
        user_agent: UserAgent::of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"),
        device: DeviceName::of("Firefox on Linux"),
    };
    Visitor { language: None, origin }
}

/// The owner of an account replaces the password.
pub fn change_password(account: &Account, keep: SessionId, moment: &mut Moment) -> Changes {
    password_change::change(account, keep, hash("new"), moment).changes
}

/// The owner of an account asks for another address.
pub fn request_email_change(account: &Account, to: &str, moment: &mut Moment) -> Changes {
    let facts = email_change::Facts { account, taken: None, way_back: None };
    let rule = VerificationRule::Optional;
    email_change::request(facts, address(to), rule, &issuer(), moment).changes
}

/// The reader of the mail to the new address follows the link.
pub fn confirm_email_change(found: &IssuedToken, moment: &mut Moment) -> Changes {
    email_change::confirm(Some(found), None, moment).changes
}

/// The reader of the mail to the old address follows the link.
pub fn revert_email_change(found: &IssuedToken, moment: &mut Moment) -> Changes {
    email_change::revert(Some(found), None, &issuer(), moment).changes
}

/// The owner of an account deletes it.
pub fn delete(
    account: &Account,
    administrators: &Administrators,
    deletion: Deletion,
    moment: &mut Moment,
) -> Changes {
    deletion::delete(account, administrators, deletion, moment).unwrap()
}

/// The holder of a session ends all others.
pub fn revoke_others(account: &Account, keep: SessionId, moment: &mut Moment) -> Changes {
    revocation::revoke_all(account.id, Some(keep), moment).changes
}

/// An account that may do nothing yet becomes the first administrator.
pub fn make_administrator(account: &Account, moment: &mut Moment) -> Changes {
    role::make_administrator(account.id, Some(&Rights::default()), None, None, moment).unwrap()
}
