//! Registering an account.
//!
//! Where addresses must be verified, a new and a taken one are answered alike, and the owner of a
//! taken one is told by mail (OWASP ASVS 5.0, 6.3.8).

use crate::{
    account::{self, Account, DisplayName},
    audit::{Event, EventKind},
    change::{Changes, Decision},
    email::EmailAddress,
    gate::{self, Grant, VerificationRule},
    mail::{Mail, Message},
    moment::Moment,
    one_time::{Issuer, Kind},
    password::PasswordHash,
    role::{self, RoleName},
    session::{self, Persistence, SessionPolicy},
};

/// What an account is registered with.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Where their mail goes.
    pub email: EmailAddress,
    /// What they want to be called.
    pub name: Option<DisplayName>,
    /// The hash of the password they chose.
    pub password: PasswordHash,
    /// The role that they start with. It must be there; otherwise the changes are in conflict.
    pub role: Option<RoleName>,
}

/// The rules of registering.
#[derive(Clone, Debug)]
pub struct RegistrationRules {
    /// Whether the address must be proven before the account is used.
    pub verification: VerificationRule,
    /// How long the first session lasts.
    pub sessions: SessionPolicy,
    /// Issues the token that proves the address.
    pub one_time: Issuer,
}

/// What a registration earns.
#[derive(Debug)]
pub enum Registered {
    /// The account may be used at once.
    SignedIn(Grant),
    /// The rest is in the mail, whether the address was new or taken.
    CheckMail,
}

/// The address has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the e-mail address is already registered")]
pub struct UserAlreadyExists;

/// Decides a registration, given the account that has the address, if any.
pub fn register(
    taken: Option<&Account>,
    registration: Registration,
    rules: &RegistrationRules,
    moment: &mut Moment,
) -> Decision<Result<Registered, UserAlreadyExists>> {
    match (taken, rules.verification) {
        (None, VerificationRule::Required | VerificationRule::Optional) => {
            create(registration, rules, moment)
        }
        (Some(owner), VerificationRule::Required) => Decision {
            changes: tell_owner(owner, rules, moment),
            answer: Ok(Registered::CheckMail),
        },
        (Some(owner), VerificationRule::Optional) => {
            let event = Event::new(EventKind::RegistrationRepeated, moment).about(owner.id);
            Decision { changes: Changes::default().with(event), answer: Err(UserAlreadyExists) }
        }
    }
}

fn create(
    registration: Registration,
    rules: &RegistrationRules,
    moment: &mut Moment,
) -> Decision<Result<Registered, UserAlreadyExists>> {
    let Registration { email, name, password, role } = registration;
    let mut account = Account::open(email, name, password, moment);
    let event = Event::new(EventKind::Registered, moment).about(account.id);
    let assignment = role.map(|role| role::Change::Assign { account: account.id, role });
    let (token, link) = rules.one_time.issue(Kind::EmailVerification, account.id, moment);
    let mail = Mail::new(&account, Message::VerifyEmail(link), moment);
    // An account that must be verified first is not admitted, and gets no session.
    let opened = gate::admit(&account, rules.verification)
        .map(|active| active.open_session(Persistence::Normal, &rules.sessions, moment))
        .ok();
    let (session, event, answer) = match opened {
        Some((session, grant)) => {
            account.last_login = Some(moment.now());
            let event = event.in_session(session.id);
            (Some(session), event, Registered::SignedIn(grant))
        }
        None => (None, event, Registered::CheckMail),
    };
    let changes = Changes::default()
        .with(account::Change::Create(account))
        .with_any(assignment)
        .with_any(session.map(session::Change::Open))
        .with(token)
        .with(mail)
        .with(event);
    Decision { changes, answer: Ok(answer) }
}

/// Tells the owner of a taken address, with a way to a password of their own: whoever registered it
/// before them has not proven to be them. A closed account is told nothing.
fn tell_owner(owner: &Account, rules: &RegistrationRules, moment: &mut Moment) -> Changes {
    let event = Event::new(EventKind::RegistrationRepeated, moment).about(owner.id);
    if owner.disabled_at.is_some() {
        return Changes::default().with(event);
    }
    let (token, link) = rules.one_time.issue(Kind::PasswordReset, owner.id, moment);
    let mail = Mail::new(owner, Message::AlreadyRegistered(link), moment);
    Changes::default().with(token).with(mail).with(event)
}
