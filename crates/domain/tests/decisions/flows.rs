//! What registering, signing in, resetting and verifying decide.

use std::time::Duration;

use crate::support::{
    DAY, MINUTE, POLICY, account, address, at, disabled, hash, issuer, moment, verified,
};
use fastauth_domain::{
    account,
    audit::EventKind,
    change::{Change, Changes, Decision},
    email_verification,
    gate::{self, Refusal, VerificationRule},
    guess::Guess,
    login::{self, LoginRefused, PasswordCheck},
    mail::Message,
    moment::Moment,
    one_time::{self, IssuedToken, Kind, TokenExpired, TokenInvalid},
    password::PasswordHash,
    password_reset,
    register::{self, Registered, Registration, RegistrationRules, UserAlreadyExists},
    role::{self, RoleName},
    session::{self, Persistence, SignedIn},
};

fn rules(verification: VerificationRule) -> RegistrationRules {
    RegistrationRules { verification, sessions: POLICY, one_time: issuer() }
}

fn registration() -> Registration {
    Registration { email: address(), name: None, password: hash(), role: None }
}

fn event(changes: &Changes) -> EventKind {
    changes.receipt().unwrap().kind
}

fn message(changes: &Changes) -> Option<&Message> {
    changes.iter().find_map(|change| match change {
        Change::Mail(mail) => Some(&mail.message),
        _ => None,
    })
}

fn opens_session(changes: &Changes) -> bool {
    changes.iter().any(|change| matches!(change, Change::Session(session::Change::Open(_))))
}

#[test]
fn a_new_address_gets_an_account_a_session_and_a_verification_mail() {
    let rules = rules(VerificationRule::Optional);
    let decision = register::register(None, registration(), &rules, &mut moment(MINUTE));
    assert!(matches!(decision.answer, Ok(Registered::SignedIn(_))));
    assert!(opens_session(&decision.changes));
    assert!(matches!(message(&decision.changes), Some(Message::VerifyEmail(_))));
    assert_eq!(event(&decision.changes), EventKind::Registered);
}

#[test]
fn a_new_account_starts_with_its_role_whether_it_is_signed_in_or_not() {
    for verification in [VerificationRule::Optional, VerificationRule::Required] {
        let registration = Registration { role: Some(RoleName::ADMIN), ..registration() };
        let rules = rules(verification);
        let changes = register::register(None, registration, &rules, &mut moment(MINUTE)).changes;
        let roles = changes.iter().filter(|change| matches!(change, Change::Role(_)));
        let [Change::Role(role::Change::Assign { account, role })] = roles.collect::<Vec<_>>()[..]
        else {
            panic!("{changes:?}");
        };
        assert_eq!((Some(*account), role), (changes.receipt().unwrap().account, &RoleName::ADMIN));
    }
}

#[test]
fn where_addresses_must_be_proven_nobody_is_signed_in_before() {
    let rules = rules(VerificationRule::Required);
    let decision = register::register(None, registration(), &rules, &mut moment(MINUTE));
    assert!(matches!(decision.answer, Ok(Registered::CheckMail)));
    assert!(!opens_session(&decision.changes));
}

#[test]
fn a_taken_address_is_answered_like_a_new_one_and_its_owner_is_told() {
    let rules = rules(VerificationRule::Required);
    let owner = verified();
    let decision = register::register(Some(&owner), registration(), &rules, &mut moment(MINUTE));
    assert!(matches!(decision.answer, Ok(Registered::CheckMail)));
    assert!(matches!(message(&decision.changes), Some(Message::AlreadyRegistered(_))));
    assert_eq!(event(&decision.changes), EventKind::RegistrationRepeated);
    assert!(!decision.changes.iter().any(|change| matches!(change, Change::Account(_))));
}

#[test]
fn a_taken_address_is_refused_where_nothing_is_to_be_hidden() {
    let rules = rules(VerificationRule::Optional);
    let owner = verified();
    let decision = register::register(Some(&owner), registration(), &rules, &mut moment(MINUTE));
    assert!(matches!(decision.answer, Err(UserAlreadyExists)));
    assert!(message(&decision.changes).is_none());
}

fn sign_in(
    found: Option<&account::Account>,
    check: PasswordCheck,
    rule: VerificationRule,
) -> Decision<Result<gate::Grant, LoginRefused>> {
    let facts = login::Facts { account: found, earlier: &[], guess: &Guess::default() };
    login::login(facts, check, Persistence::Normal, rule, &POLICY, &mut moment(MINUTE))
}

fn right() -> PasswordCheck {
    PasswordCheck::Right { renewed: None }
}

#[test]
fn every_reason_not_to_sign_in_is_the_same_refusal_with_the_same_writes() {
    let optional = VerificationRule::Optional;
    for (found, check) in [
        (None, PasswordCheck::Wrong),
        (None, right()),
        (Some(verified()), PasswordCheck::Wrong),
        (Some(account()), PasswordCheck::Wrong),
        (Some(disabled()), PasswordCheck::Wrong),
        (Some(disabled()), right()),
    ] {
        let decision = sign_in(found.as_ref(), check, optional);
        assert!(matches!(decision.answer, Err(LoginRefused::InvalidCredentials(_))), "{found:?}");
        assert_eq!(decision.changes.iter().count(), 1);
        assert_eq!(event(&decision.changes), EventKind::SignInRefused);
    }
}

#[test]
fn only_the_right_password_learns_that_the_address_is_not_verified() {
    let unverified = account();
    let required = VerificationRule::Required;
    let wrong = sign_in(Some(&unverified), PasswordCheck::Wrong, required);
    assert!(matches!(wrong.answer, Err(LoginRefused::InvalidCredentials(_))));
    let right = sign_in(Some(&unverified), right(), required);
    assert!(matches!(right.answer, Err(LoginRefused::EmailNotVerified(_))));
    assert!(!opens_session(&right.changes));
}

#[test]
fn a_sign_in_is_bound_to_the_version_it_was_checked_on_and_renews_an_old_hash() {
    let owner = verified();
    let renewed = Some(PasswordHash::from_phc("$argon2id$renewed"));
    let check = PasswordCheck::Right { renewed: renewed.clone() };
    let decision = sign_in(Some(&owner), check, VerificationRule::Required);
    assert!(opens_session(&decision.changes));
    let Some(Change::Account(account::Change::SignIn { version, renewed: stored, .. })) =
        decision.changes.iter().next()
    else {
        panic!("{:?}", decision.changes)
    };
    assert_eq!((*version, stored), (owner.version, &renewed));
}

#[test]
fn the_gate_admits_active_accounts_with_live_sessions_only() {
    let required = VerificationRule::Required;
    let (session, _) = crate::support::open(&verified(), Persistence::Normal);
    let found = |account, session| SignedIn { account, session };
    let recognise = |found: &SignedIn, later| gate::recognise(found, required, at(later)).err();
    assert_eq!(recognise(&found(verified(), session.clone()), MINUTE), None);
    assert_eq!(recognise(&found(disabled(), session.clone()), MINUTE), Some(Refusal::Disabled));
    assert_eq!(recognise(&found(account(), session.clone()), MINUTE), Some(Refusal::NotVerified));
    assert_eq!(
        recognise(&found(verified(), session.clone()), 7 * DAY),
        Some(Refusal::SessionEnded)
    );
    let revoked = session::Session { revoked_at: Some(at(MINUTE)), ..session.clone() };
    assert_eq!(recognise(&found(verified(), revoked), MINUTE), Some(Refusal::SessionEnded));
}

/// The token that a request stored, with its account as it is found again.
fn issued(decision: &Decision<()>, account: &account::Account) -> Option<IssuedToken> {
    decision.changes.iter().find_map(|change| match change {
        Change::OneTime(one_time::Change::Issue(token)) => {
            Some(IssuedToken { token: token.clone(), account: account.clone() })
        }
        _ => None,
    })
}

type Request = fn(Option<&account::Account>, &one_time::Issuer, &mut Moment) -> Decision<()>;

#[test]
fn only_owners_who_can_use_it_are_mailed_a_link() {
    let mailed = |request: Request, found: Option<account::Account>| {
        let decision = request(found.as_ref(), &issuer(), &mut moment(MINUTE));
        assert!(decision.changes.receipt().is_some());
        message(&decision.changes).is_some()
    };
    assert!(mailed(password_reset::request, Some(verified())));
    assert!(mailed(password_reset::request, Some(account())));
    assert!(!mailed(password_reset::request, Some(disabled())));
    assert!(!mailed(password_reset::request, None));
    assert!(mailed(email_verification::request, Some(account())));
    assert!(!mailed(email_verification::request, Some(verified())));
    assert!(!mailed(email_verification::request, Some(disabled())));
    assert!(!mailed(email_verification::request, None));
}

#[test]
fn a_reset_replaces_the_password_proves_the_address_and_ends_every_session() {
    let asked = password_reset::request(Some(&account()), &issuer(), &mut moment(MINUTE));
    let found = issued(&asked, &account());
    let decision = password_reset::confirm(found.as_ref(), hash(), &mut moment(2 * MINUTE));
    assert!(decision.answer.is_ok());
    assert!(matches!(
        decision.changes.iter().collect::<Vec<_>>().as_slice(),
        [
            Change::Account(account::Change::Verify { .. }),
            Change::Account(account::Change::SetPassword { .. }),
            Change::Session(session::Change::RevokeAll { .. }),
            Change::OneTime(one_time::Change::Withdraw { kind: Kind::EmailChange, .. }),
            Change::OneTime(one_time::Change::Consume(_)),
            Change::Mail(_),
            Change::Limit(_),
            Change::Audit(_),
        ]
    ));
}

#[test]
fn a_token_ends_at_its_exact_expiry() {
    let asked = password_reset::request(Some(&account()), &issuer(), &mut moment(Duration::ZERO));
    let found = issued(&asked, &account());
    let hour = Duration::from_hours(1);
    let just_before = hour.checked_sub(Duration::from_micros(1)).unwrap();
    let spend = |later| password_reset::confirm(found.as_ref(), hash(), &mut moment(later));
    assert!(spend(just_before).answer.is_ok());
    let late = spend(hour);
    assert_eq!(late.answer, Err(TokenExpired.into()));
    assert!(late.changes.is_empty());
}

#[test]
fn an_unknown_token_and_that_of_a_closed_account_are_invalid() {
    let asked = email_verification::request(Some(&account()), &issuer(), &mut moment(MINUTE));
    let closed = issued(&asked, &disabled());
    for found in [None, closed.as_ref()] {
        let decision = email_verification::confirm(found, &mut moment(2 * MINUTE));
        assert_eq!(decision.answer, Err(TokenInvalid.into()));
        assert!(decision.changes.is_empty());
    }
}

#[test]
fn a_verification_spends_a_verification_token() {
    let asked = email_verification::request(Some(&account()), &issuer(), &mut moment(MINUTE));
    let found = issued(&asked, &account());
    let decision = email_verification::confirm(found.as_ref(), &mut moment(2 * MINUTE));
    assert_eq!(decision.answer, Ok(()));
    assert!(decision.changes.iter().any(|change| matches!(
        change,
        Change::OneTime(one_time::Change::Consume(spent)) if spent.kind() == Kind::EmailVerification
    )));
}
