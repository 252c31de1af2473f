//! Closing an account, and removing everything about a person.

use crate::{
    account::{self, Account},
    audit::{self, Event, EventKind},
    change::{Changes, Decision},
    delivery, guess,
    mail::{Mail, Message},
    moment::Moment,
    one_time::{self, Kind},
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
pub fn delete(account: &Account, deletion: Deletion, moment: &mut Moment) -> Decision<()> {
    match deletion {
        Deletion::Soft => disable(account, moment),
        Deletion::Hard => {
            let event = Event::new(EventKind::AccountErased, moment);
            erase(account, event.without_origin())
        }
    }
}

/// Decides to close an account: nobody signs in to it, its sessions end, and links that were mailed
/// stop working.
pub fn disable(account: &Account, moment: &mut Moment) -> Decision<()> {
    if account.disabled_at.is_some() {
        return Decision::unchanged(());
    }
    let at = moment.now();
    let mut changes = Changes::default()
        .with(set_disabled(account, Some(at)))
        .with(session::Change::RevokeAll { account: account.id, at });
    for &kind in Kind::ALL {
        changes = changes.with(one_time::Change::Withdraw { account: account.id, kind });
    }
    let changes = changes
        .with(Mail::new(account, Message::AccountClosed, moment))
        .with(Event::new(EventKind::AccountDisabled, moment).about(account.id));
    Decision { changes, answer: () }
}

/// Decides to open a closed account again.
pub fn enable(account: &Account, moment: &mut Moment) -> Decision<()> {
    if account.disabled_at.is_none() {
        return Decision::unchanged(());
    }
    let changes = Changes::default()
        .with(set_disabled(account, None))
        .with(Event::new(EventKind::AccountEnabled, moment).about(account.id));
    Decision { changes, answer: () }
}

/// Decides to remove everything about a person on behalf of an operator. Where that one was says nothing
/// about the person, and is kept.
pub fn remove(account: &Account, moment: &mut Moment) -> Decision<()> {
    erase(account, Event::new(EventKind::AccountErased, moment))
}

/// Removes everything about a person. No mail tells of it: it would be something of theirs that is kept.
fn erase(account: &Account, event: Event) -> Decision<()> {
    let Account { id, version, .. } = *account;
    let changes = Changes::default()
        .with(account::Change::Erase { id, version })
        .with(delivery::Change::ForgetAll(id))
        .with(delivery::Change::Lift(account.email.key().clone()))
        .with(guess::forgive(account.email.key(), &event.origin))
        .with(audit::Change::Erase(id))
        .with(event.about(id));
    Decision { changes, answer: () }
}

const fn set_disabled(account: &Account, since: Option<Timestamp>) -> account::Change {
    account::Change::SetDisabled { id: account.id, version: account.version, since }
}
