//! What a decision wants written: a list of changes that are committed all or not at all.
//!
//! Each slice has a `Change` of its own; this is the list of them. A change that could race carries
//! its expectation, and a store makes it one conditional write whose row count decides.

use crate::{account, audit, delivery, limit, mail, one_time, pending_request, role, session};

/// An answer, and the changes that must be committed before anybody may hear it.
///
/// A refusal is an answer too: revoking a session because its token was stolen is committed although
/// the caller is told no.
#[derive(Debug)]
#[must_use = "the answer holds only once the changes are committed"]
pub struct Decision<A> {
    /// What to commit.
    pub changes: Changes,
    /// What to say afterwards.
    pub answer: A,
}

impl<A> Decision<A> {
    /// An answer that changes nothing.
    pub fn unchanged(answer: A) -> Self {
        Self { changes: Changes::default(), answer }
    }
}

/// For what is either done or refused without leaving a trace.
impl<E> From<Result<Changes, E>> for Decision<Result<(), E>> {
    fn from(decided: Result<Changes, E>) -> Self {
        match decided {
            Ok(changes) => Self { changes, answer: Ok(()) },
            Err(refused) => Self::unchanged(Err(refused)),
        }
    }
}

/// Changes in the order they are applied.
///
/// It is pending requests, the guard of administrators, accounts, roles, sessions, one-time tokens,
/// mail, deliveries, limits, audit.
/// One order for all keeps two commits from waiting for each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(Vec<Change>);

impl Changes {
    /// The list with one more change at its end.
    #[must_use]
    pub fn with(mut self, change: impl Into<Change>) -> Self {
        self.0.push(change.into());
        self
    }

    /// The list with one more change at its end, if there is one.
    #[must_use]
    pub fn with_any(self, change: Option<impl Into<Change>>) -> Self {
        match change {
            Some(change) => self.with(change),
            None => self,
        }
    }

    /// The list with more changes at its end.
    #[must_use]
    pub fn with_all(self, changes: impl IntoIterator<Item = impl Into<Change>>) -> Self {
        changes.into_iter().fold(self, Self::with)
    }

    /// The changes in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Change> {
        self.0.iter()
    }

    /// Whether nothing is to be written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The audit event that is stored if, and only if, the whole list was.
    pub fn receipt(&self) -> Option<&audit::Event> {
        self.0.iter().find_map(|change| match change {
            Change::Audit(audit::Change::Record(event)) => Some(event),
            Change::PendingRequest(_)
            | Change::Account(_)
            | Change::Role(_)
            | Change::Session(_)
            | Change::OneTime(_)
            | Change::Mail(_)
            | Change::Delivery(_)
            | Change::Limit(_)
            | Change::Audit(audit::Change::Erase(_)) => None,
        })
    }
}

impl IntoIterator for Changes {
    type Item = Change;
    type IntoIter = std::vec::IntoIter<Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Changes {
    type Item = &'a Change;
    type IntoIter = std::slice::Iter<'a, Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One slice's change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// To pending requests.
    PendingRequest(pending_request::Change),
    /// To accounts.
    Account(account::Change),
    /// To roles.
    Role(role::Change),
    /// To sessions.
    Session(session::Change),
    /// To one-time tokens.
    OneTime(one_time::Change),
    /// To the outbox: mail to send.
    Mail(mail::Mail),
    /// To what has become of mail, and to the suppression list.
    Delivery(delivery::Change),
    /// To what was counted.
    Limit(limit::Change),
    /// To the audit trail.
    Audit(audit::Change),
}

macro_rules! into_change {
    ($($slice:ty => $variant:ident,)+) => {$(
        impl From<$slice> for Change {
            fn from(change: $slice) -> Self {
                Self::$variant(change)
            }
        }
    )+};
}

into_change! {
    pending_request::Change => PendingRequest,
    account::Change => Account,
    role::Change => Role,
    session::Change => Session,
    one_time::Change => OneTime,
    mail::Mail => Mail,
    delivery::Change => Delivery,
    limit::Change => Limit,
    audit::Change => Audit,
}

impl From<audit::Event> for Change {
    fn from(event: audit::Event) -> Self {
        Self::Audit(audit::Change::Record(event))
    }
}

/// The expectation that no longer held, so that nothing was written. The facts are to be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Somebody else has attended to the request.
    #[error("the request was attended to")]
    RequestSettled,
    /// The address belongs to an account by now.
    #[error("the address is taken")]
    EmailTaken,
    /// The account is at another version by now, or gone.
    #[error("the account has changed")]
    AccountMoved,
    /// The session is at another generation by now, or has ended.
    #[error("the session has changed")]
    SessionMoved,
    /// The one-time token has been used, replaced or has expired.
    #[error("the token has been spent")]
    TokenSpent,
    /// There is a one-time token of that kind by now.
    #[error("there is such a token")]
    TokenPending,
    /// There is a role of this name by now.
    #[error("the name of the role is taken")]
    RoleTaken,
    /// Somebody may have lost the management of roles meanwhile, or a role or an account is gone.
    #[error("roles have changed")]
    RolesMoved,
}
