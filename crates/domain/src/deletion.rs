//! Closing an account, and removing everything about a person.
//!
//! Both take an administrator away where the account is one's, so that each moves the guard of
//! [`Administrators`], and neither is done to the last.

use crate::{
    account::{self, Account},
    audit::{self, Event, EventKind},
    change::Changes,
    delivery, guess,
    mail::{Mail, Message},
    moment::Moment,
    one_time::{self, Kind},
    role::{Administrators, LastAdministrator},
    session,
    time::Timestamp,
};

/// What is left of an account that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The account is closed. It can be opened again by an operator, and its address stays reserved.
    Soft,
    /// Nothing but the event that says so, which names no person.
    Hard,
}

/// Decides to delete an account.
pub fn delete(
    account: &Account,
    administrators: &Administrators,
    deletion: Deletion,
    moment: &mut Moment,
) -> Result<Changes, LastAdministrator> {
    match deletion {
        Deletion::Soft => disable(account, administrators, moment),
        Deletion::Hard => {
            let event = Event::new(EventKind::AccountErased, moment);
            erase(account, administrators, event.without_origin())
        }
    }
}

/// Decides to close an account: nobody signs in to it, its sessions end, and links that were mailed
/// stop working.
pub fn disable(
    account: &Account,
    administrators: &Administrators,
    moment: &mut Moment,
) -> Result<Changes, LastAdministrator> {
    if account.disabled_at.is_some() {
        return Ok(Changes::default());
    }
    let at = moment.now();
    let mut changes = Changes::default()
        .with(administrators.let_go(account.id)?)
        .with(set_disabled(account, Some(at)))
        .with(session::Change::RevokeAll { account: account.id, at });
    for &kind in Kind::ALL {
        changes = changes.with(one_time::Change::Withdraw { account: account.id, kind });
    }
    Ok(changes
        .with(Mail::new(account, Message::AccountClosed, moment))
        .with(Event::new(EventKind::AccountDisabled, moment).about(account.id)))
}

/// Decides to open a closed account again.
pub fn enable(account: &Account, moment: &mut Moment) -> Changes {
    if account.disabled_at.is_none() {
        return Changes::default();
    }
    Changes::default()
        .with(set_disabled(account, None))
        .with(Event::new(EventKind::AccountEnabled, moment).about(account.id))
}

/// Decides to remove everything about a person on behalf of an operator. Where that one was says nothing
/// about the person, and is kept.
pub fn remove(
    account: &Account,
    administrators: &Administrators,
    moment: &mut Moment,
) -> Result<Changes, LastAdministrator> {
    erase(account, administrators, Event::new(EventKind::AccountErased, moment))
}

/// Removes everything about a person. No mail tells of it: it would be something of theirs that is kept.
fn erase(
    account: &Account,
    administrators: &Administrators,
    event: Event,
) -> Result<Changes, LastAdministrator> {
    let Account { id, version, .. } = *account;
    Ok(Changes::default()
        .with(administrators.let_go(id)?)
        .with(account::Change::Erase { id, version })
        .with(delivery::Change::ForgetAll(id))
        .with(delivery::Change::Lift(account.email.key().clone()))
        .with(guess::forgive(account.email.key(), &event.origin))
        .with(audit::Change::Erase(id))
        .with(event.about(id)))
}

const fn set_disabled(account: &Account, since: Option<Timestamp>) -> account::Change {
    account::Change::SetDisabled { id: account.id, version: account.version, since }
}
