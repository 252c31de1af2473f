//! Removing what is of no use any more. It is looked for, because nothing is kept sorted by its end.

use async_trait::async_trait;
use fastauth_domain::{retention::Remains, time::Timestamp};
use fastauth_ports::{housekeeping::RemoveRemains, unavailable::Unavailable};

use crate::MemoryStore;

#[async_trait]
impl RemoveRemains for MemoryStore {
    async fn remove(
        &self,
        remains: Remains,
        horizon: Timestamp,
        limit: u32,
    ) -> Result<u64, Unavailable> {
        let mut state = self.state();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let removed = match remains {
            Remains::OneTimeTokens => {
                state.one_time_tokens.remove_where(|token| token.expires_at <= horizon, limit)
            }
            Remains::ExpiredSessions => {
                state.sessions.remove_where(|session| session.idle_until <= horizon, limit)
            }
            Remains::RevokedSessions => {
                let is_past = |revoked_at| revoked_at <= horizon;
                state
                    .sessions
                    .remove_where(|session| session.revoked_at.is_some_and(is_past), limit)
            }
            Remains::SettledMails => state.outbox.remove_settled(horizon, limit),
            Remains::PendingRequests => state.pending_requests.remove_older(horizon, limit),
            Remains::Buckets => state.buckets.remove_due(horizon, limit),
            Remains::AuditEvents => state.audit.remove_where(|event| event.at <= horizon, limit),
        };
        Ok(removed.try_into().unwrap_or(u64::MAX))
    }

    async fn forget_origins(&self, horizon: Timestamp, limit: u32) -> Result<u64, Unavailable> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let forgotten = self.state().audit.forget_origins(horizon, limit);
        Ok(forgotten.try_into().unwrap_or(u64::MAX))
    }
}
