//! Replacing a forgotten password by way of the mailbox.
//!
//! OWASP Forgot Password Cheat Sheet: one answer whether the account exists or not, a token that is
//! used once, and the end of every session when the password changes.

use crate::{
    account::{self, Account},
    audit::{Event, EventKind},
    change::{Changes, Decision},
    guess,
    mail::{Mail, Message},
    moment::Moment,
    one_time::{self, IssuedToken, Issuer, Kind, TokenRefused},
    password::PasswordHash,
    session,
};

/// Decides a request for a reset: the owner of an open account gets a link.
pub fn request(found: Option<&Account>, issuer: &Issuer, moment: &mut Moment) -> Decision<()> {
    let event = Event::new(EventKind::PasswordResetRequested, moment)
        .about_any(found.map(|account| account.id));
    let changes = match found.filter(|account| account.disabled_at.is_none()) {
        Some(account) => {
            let (token, link) = issuer.issue(Kind::PasswordReset, account.id, moment);
            let mail = Mail::new(account, Message::ResetPassword(link), moment);
            Changes::default().with(token).with(mail)
        }
        None => Changes::default(),
    };
    Decision { changes: changes.with(event), answer: () }
}

/// Decides a reset: the new password replaces the old one, and every session of the account ends.
/// The link came by mail, so that the address is proven as well.
pub fn confirm(
    found: Option<&IssuedToken>,
    password: PasswordHash,
    moment: &mut Moment,
) -> Decision<Result<(), TokenRefused>> {
    let at = moment.now();
    let (account, consumed) = match one_time::consume_once(found, at) {
        Ok(consumable) => consumable,
        Err(refused) => return Decision::unchanged(Err(refused)),
    };
    let (id, version) = (account.id, account.version);
    let changes = Changes::default()
        .with(account::Change::Verify { id, version, at })
        .with(account::Change::SetPassword { id, version, password: Some(password), at })
        .with(session::Change::RevokeAll { account: id, at })
        .with(one_time::Change::Withdraw { account: id, kind: Kind::EmailChange })
        .with(consumed)
        .with(Mail::new(account, Message::PasswordChanged, moment))
        .with(guess::forgive(account.email.key(), &moment.visitor().origin))
        .with(Event::new(EventKind::PasswordReset, moment).about(id));
    Decision { changes, answer: Ok(()) }
}
