//! Looking at one's sessions, and ending them from another one.

use std::sync::Arc;

use fastauth_domain::{
    identifier::{AccountId, SessionId},
    revocation::{self, SessionNotFound},
    session::Session,
    visitor::Visitor,
};
use fastauth_ports::{commit::Commit, sessions::ReadSessions, unavailable::Unavailable};

use crate::{attempts::Attempts, moments::Moments};

/// How many sessions are shown at most.
const SHOWN: u32 = 1_000;

/// Shows and ends sessions.
pub struct Revocations {
    /// Finds the sessions.
    pub sessions: Arc<dyn ReadSessions>,
    /// Stores their end.
    pub store: Arc<dyn Commit>,
    /// Gives time and randomness.
    pub moments: Moments,
}

/// Why a session was not ended.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// The account has no such session.
    #[error(transparent)]
    SessionNotFound(#[from] SessionNotFound),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Revocations {
    /// The sessions of an account that are alive, the newest first.
    pub async fn list(&self, owner: AccountId) -> Result<Vec<Session>, Unavailable> {
        let sessions = self.sessions.sessions_of(owner, SHOWN).await?;
        Ok(revocation::alive(sessions, self.moments.clock.now()))
    }

    /// Ends a session of an account.
    pub async fn revoke(
        &self,
        owner: AccountId,
        id: SessionId,
        visitor: &Visitor,
    ) -> Result<(), RevokeError> {
        let mut attempts = Attempts::default();
        loop {
            let found = self.sessions.session(id).await?;
            let session = found.as_ref().map(|found| &found.session);
            let mut moment = self.moments.moment_of(visitor)?;
            let decision = revocation::revoke(session, owner, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decision).await? {
                return Ok(answer?);
            }
        }
    }

    /// Ends every session of an account, or every one but the one that goes on.
    pub async fn revoke_all(
        &self,
        owner: AccountId,
        keep: Option<SessionId>,
        visitor: &Visitor,
    ) -> Result<(), Unavailable> {
        let mut attempts = Attempts::default();
        loop {
            let mut moment = self.moments.moment_of(visitor)?;
            let decision = revocation::revoke_all(owner, keep, &mut moment);
            if let Some(()) = attempts.commit(&*self.store, decision).await? {
                return Ok(());
            }
        }
    }
}
