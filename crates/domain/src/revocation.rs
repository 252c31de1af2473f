//! Looking at one's sessions, and ending them from another one.
//!
//! OWASP ASVS 5.0, 7.5.2: people see where they are signed in, and can end each of it.

use crate::{
    audit::{Event, EventKind},
    change::{Changes, Decision},
    identifier::{AccountId, SessionId},
    moment::Moment,
    session::{Change, Session},
    time::Timestamp,
};

/// The account has no such session; also if another account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such session")]
pub struct SessionNotFound;

/// Those of an account's sessions that are alive, the newest first.
pub fn alive(mut sessions: Vec<Session>, now: Timestamp) -> Vec<Session> {
    sessions.retain(|session| session.is_alive(now));
    sessions.sort_by_key(|session| std::cmp::Reverse((session.opened_at, session.id)));
    sessions
}

/// Decides to end a session of an account.
pub fn revoke(
    found: Option<&Session>,
    owner: AccountId,
    moment: &mut Moment,
) -> Decision<Result<(), SessionNotFound>> {
    let at = moment.now();
    let own = |session: &&Session| session.account == owner && session.is_alive(at);
    let Some(id) = found.filter(own).map(|session| session.id) else {
        return Decision::unchanged(Err(SessionNotFound));
    };
    let event = Event::new(EventKind::SessionRevoked, moment).about(owner).in_session(id);
    Decision {
        changes: Changes::default().with(Change::Revoke { id, at }).with(event),
        answer: Ok(()),
    }
}

/// Decides to end every session of an account, or every one but the one that goes on.
pub fn revoke_all(owner: AccountId, keep: Option<SessionId>, moment: &mut Moment) -> Decision<()> {
    let (account, at) = (owner, moment.now());
    let revocation = match keep {
        Some(keep) => Change::RevokeOthers { account, keep, at },
        None => Change::RevokeAll { account, at },
    };
    let event = Event::new(EventKind::SessionsRevoked, moment).about(owner);
    Decision { changes: Changes::default().with(revocation).with(event), answer: () }
}
