//! Signing in with a password.
//!
//! An unknown address, a wrong password and a closed account are one refusal, reached on one path
//! (OWASP ASVS 5.0, 6.3.8).

use crate::{
    account::{self, Account},
    audit::{Event, EventKind},
    change::{Changes, Decision},
    gate::{self, EmailNotVerified, Grant, Refusal, VerificationRule},
    guess::Guess,
    limit,
    mail::{Mail, Message},
    moment::Moment,
    password::PasswordHash,
    session::{self, Persistence, Session, SessionPolicy},
};

/// What comparing a presented password with an account's hash has shown.
#[derive(Clone, Debug)]
pub enum PasswordCheck {
    /// It is not the account's password; also where there is no account or no password.
    Wrong,
    /// It is the account's password.
    Right {
        /// The same password under today's hashing parameters, if they have changed.
        renewed: Option<PasswordHash>,
    },
}

/// The address or the password is wrong. It is not said which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("wrong email or password")]
pub struct InvalidCredentials;

/// Why a sign-in was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginRefused {
    /// The address or the password is wrong, or the account is closed.
    #[error(transparent)]
    InvalidCredentials(#[from] InvalidCredentials),
    /// The password is right, but the address must be proven first.
    #[error(transparent)]
    EmailNotVerified(#[from] EmailNotVerified),
}

/// What a sign-in is decided on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The account of the address, if there is one.
    pub account: Option<&'a Account>,
    /// The sessions that it had earlier, as far as they are known of.
    pub earlier: &'a [Session],
    /// How the attempt was counted before the password was compared.
    pub guess: &'a Guess,
}

/// Decides a sign-in.
pub fn login(
    Facts { account: found, earlier, guess }: Facts<'_>,
    check: PasswordCheck,
    persistence: Persistence,
    rule: VerificationRule,
    policy: &SessionPolicy,
    moment: &mut Moment,
) -> Decision<Result<Grant, LoginRefused>> {
    let (account, renewed) = match (found, check) {
        (Some(account), PasswordCheck::Right { renewed }) if !guess.is_locked() => {
            (account, renewed)
        }
        (_, PasswordCheck::Right { .. } | PasswordCheck::Wrong) => {
            return refuse(found, InvalidCredentials.into(), Vec::new(), moment);
        }
    };
    let active = match gate::admit(account, rule) {
        Ok(active) => active,
        Err(Refusal::NotVerified) => {
            return refuse(found, EmailNotVerified.into(), guess.was_right(), moment);
        }
        Err(Refusal::Disabled | Refusal::SessionEnded) => {
            return refuse(found, InvalidCredentials.into(), Vec::new(), moment);
        }
    };
    let (session, grant) = active.open_session(persistence, policy, moment);
    let (id, version, at) = (account.id, account.version, moment.now());
    let event = Event::new(EventKind::SignedIn, moment).about(id).in_session(session.id);
    let trim = policy.most.map(|most| session::Change::Trim { account: id, most, at });
    let changes = Changes::default()
        .with(account::Change::SignIn { id, version, at, renewed })
        .with(session::Change::Open(session))
        .with_any(trim)
        .with_any(notice(account, earlier, moment))
        .with_all(guess.was_right())
        .with(event);
    Decision { changes, answer: Ok(grant) }
}

/// What the owner is told of a sign-in on a device that is not one of the earlier ones. Nobody who has
/// not proven the address is: they may be a stranger, whom nobody shall be able to bother.
fn notice(account: &Account, earlier: &[Session], moment: &mut Moment) -> Option<Mail> {
    let device = moment.visitor().origin.device.clone();
    let is_known = earlier.iter().any(|session| session.origin.device == device);
    let is_first = account.last_login.is_none();
    (account.verified_at.is_some() && !is_first && !is_known)
        .then(|| Mail::new(account, Message::NewSignIn(device), moment))
}

fn refuse(
    found: Option<&Account>,
    why: LoginRefused,
    counted: Vec<limit::Change>,
    moment: &mut Moment,
) -> Decision<Result<Grant, LoginRefused>> {
    let event = Event::new(EventKind::SignInRefused, moment);
    let changes =
        Changes::default().with_all(counted).with(event.about_any(found.map(|account| account.id)));
    Decision { changes, answer: Err(why) }
}
