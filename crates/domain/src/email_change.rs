//! Changing the address of an account.
//!
//! The old address works until the new one is proven. Its owner is told at once, with a way back that
//! works for longer than the way forth: whoever takes over an account cannot keep it by changing its
//! address. The way back leads to the address that the account had first while it lasts, however often
//! the address is changed meanwhile.

use crate::{
    account::{self, Account},
    audit::{Event, EventKind},
    change::{Changes, Decision},
    email::EmailAddress,
    gate::VerificationRule,
    mail::{Mail, Message},
    moment::Moment,
    one_time::{self, IssuedToken, Issuer, Kind, OneTimeToken, TokenInvalid, TokenRefused},
    session,
};

/// The address has another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the e-mail address has an account")]
pub struct EmailTaken;

/// Why no change of address was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefused {
    /// It is the account's address already.
    #[error("is the address of the account already")]
    Unchanged,
    /// The address has another account. Never told where addresses must be verified.
    #[error(transparent)]
    Taken(#[from] EmailTaken),
}

/// Why a link of a change of address did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefused {
    /// The token is no good.
    #[error(transparent)]
    Token(#[from] TokenRefused),
    /// The address has another account by now. The token is not spent.
    #[error(transparent)]
    Taken(#[from] EmailTaken),
}

/// What a request is decided on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Whose address is to change. The password was given.
    pub account: &'a Account,
    /// The account that has the new address, if there is one.
    pub taken: Option<&'a Account>,
    /// The way back that was mailed before, if there is one.
    pub way_back: Option<&'a OneTimeToken>,
}

/// Decides a request for another address: a link to the new one, a notice to the old. Where addresses
/// must be verified, nobody is told that one is taken, and no link is mailed.
pub fn request(
    facts: Facts<'_>,
    new: EmailAddress,
    rule: VerificationRule,
    issuer: &Issuer,
    moment: &mut Moment,
) -> Decision<Result<(), RequestRefused>> {
    let Facts { account, taken, way_back } = facts;
    if account.email.key() == new.key() {
        return Decision::unchanged(Err(RequestRefused::Unchanged));
    }
    if taken.is_some() && rule == VerificationRule::Optional {
        return Decision::unchanged(Err(EmailTaken.into()));
    }
    let mut changes = Changes::default();
    let mut mails = Vec::new();
    if taken.is_none() {
        let email = Some(new.clone());
        let (token, link) = issuer.make(Kind::EmailChange, account.id, email, moment);
        changes = changes.with(one_time::Change::Issue(token));
        let mail = Mail::new(account, Message::ChangeEmail(link), moment);
        mails.push(mail.to_stranger(new.clone()));
    }
    let (tokens, notice) = notice(account, way_back, new, issuer, moment);
    mails.push(Mail::new(account, notice, moment));
    changes = tokens.into_iter().fold(changes, Changes::with);
    changes = mails.into_iter().fold(changes, Changes::with);
    let event = Event::new(EventKind::EmailChangeRequested, moment).about(account.id);
    Decision { changes: changes.with(event), answer: Ok(()) }
}

/// What the owner of the present address is told, and the way back that goes with it. One that lasts
/// already is left alone: it leads further back.
fn notice(
    account: &Account,
    way_back: Option<&OneTimeToken>,
    to: EmailAddress,
    issuer: &Issuer,
    moment: &mut Moment,
) -> (Vec<one_time::Change>, Message) {
    let (id, now, kind) = (account.id, moment.now(), Kind::EmailRevert);
    if way_back.is_some_and(|token| now < token.expires_at) {
        return (Vec::new(), Message::EmailChangeRepeated(to));
    }
    let (token, link) = issuer.make(kind, id, Some(account.email.clone()), moment);
    let changes = vec![
        one_time::Change::WithdrawExpired { account: id, kind, now },
        one_time::Change::IssueFirst(token),
    ];
    (changes, Message::EmailChangeRequested { to, link })
}

/// Decides that the new address is proven: the account has it from now on. Links to a new password that
/// were mailed to the old address stop working.
pub fn confirm(
    found: Option<&IssuedToken>,
    taken: Option<&Account>,
    moment: &mut Moment,
) -> Decision<Result<(), LinkRefused>> {
    let at = moment.now();
    let (account, email, consumed) = match spend(found, taken, moment) {
        Ok(spent) => spent,
        Err(refused) => return Decision::unchanged(Err(refused)),
    };
    let (id, version) = (account.id, account.version);
    let changes = Changes::default()
        .with(account::Change::SetEmail { id, version, email, at })
        .with(one_time::Change::Withdraw { account: id, kind: Kind::PasswordReset })
        .with(one_time::Change::Withdraw { account: id, kind: Kind::EmailVerification })
        .with(consumed)
        .with(Event::new(EventKind::EmailChanged, moment).about(id));
    Decision { changes, answer: Ok(()) }
}

/// Decides that a change of address is taken back, whether it was confirmed or not.
///
/// Somebody else has signed in, and knows the password: every session ends, the password opens nothing any more, and a
/// link to a new one is mailed to the address.
pub fn revert(
    found: Option<&IssuedToken>,
    taken: Option<&Account>,
    issuer: &Issuer,
    moment: &mut Moment,
) -> Decision<Result<(), LinkRefused>> {
    let at = moment.now();
    let (account, email, consumed) = match spend(found, taken, moment) {
        Ok(spent) => spent,
        Err(refused) => return Decision::unchanged(Err(refused)),
    };
    let (id, version) = (account.id, account.version);
    let (token, link) = issuer.issue(Kind::PasswordReset, id, moment);
    let mail = Mail::new(account, Message::ResetPassword(link), moment).to(email.clone());
    let changes = Changes::default()
        .with(account::Change::SetEmail { id, version, email, at })
        .with(account::Change::SetPassword { id, version: version.next(), password: None, at })
        .with(session::Change::RevokeAll { account: id, at })
        .with(one_time::Change::Withdraw { account: id, kind: Kind::EmailChange })
        .with(consumed)
        .with(token)
        .with(mail)
        .with(Event::new(EventKind::EmailChangeReverted, moment).about(id));
    Decision { changes, answer: Ok(()) }
}

type Spent<'a> = (&'a Account, EmailAddress, one_time::Change);

fn spend<'a>(
    found: Option<&'a IssuedToken>,
    taken: Option<&Account>,
    moment: &Moment,
) -> Result<Spent<'a>, LinkRefused> {
    let (account, consumed) = one_time::consume_once(found, moment.now())?;
    let email = found.and_then(|issued| issued.token.email.clone());
    let email = email.ok_or(TokenRefused::Invalid(TokenInvalid))?;
    if taken.is_some_and(|other| other.id != account.id) {
        return Err(EmailTaken.into());
    }
    Ok((account, email, consumed))
}
