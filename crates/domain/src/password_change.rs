//! Replacing a password that is known, and giving it again before something that matters.
//!
//! OWASP ASVS 5.0, 6.2.3 and 7.4.3: the present password is asked for, and other sessions end.

use crate::{
    account::{self, Account},
    audit::{Event, EventKind},
    change::{Changes, Decision},
    guess,
    identifier::SessionId,
    mail::{Mail, Message},
    moment::Moment,
    one_time::{self, Kind},
    password::PasswordHash,
    session,
};

/// The password that was given again is not the account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password is wrong")]
pub struct WrongPassword;

/// Decides what a wrong password earns where it is asked for again.
pub fn refuse(account: &Account, moment: &mut Moment) -> Decision<WrongPassword> {
    let event = Event::new(EventKind::PasswordRefused, moment).about(account.id);
    Decision { changes: Changes::default().with(event), answer: WrongPassword }
}

/// Decides a change by somebody who has given the present password. Every other session ends, and so do
/// links that were mailed before.
pub fn change(
    account: &Account,
    keep: SessionId,
    password: PasswordHash,
    moment: &mut Moment,
) -> Decision<()> {
    let (id, version, at) = (account.id, account.version, moment.now());
    let password = Some(password);
    let changes = Changes::default()
        .with(account::Change::SetPassword { id, version, password, at })
        .with(session::Change::RevokeOthers { account: id, keep, at })
        .with(one_time::Change::Withdraw { account: id, kind: Kind::PasswordReset })
        .with(one_time::Change::Withdraw { account: id, kind: Kind::EmailChange })
        .with(Mail::new(account, Message::PasswordChanged, moment))
        .with(guess::forgive(account.email.key(), &moment.visitor().origin))
        .with(Event::new(EventKind::PasswordChanged, moment).about(id).in_session(keep));
    Decision { changes, answer: () }
}
