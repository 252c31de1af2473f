//! What strangers have asked for, in the order in which they did.

use std::{collections::BTreeMap, ops::Bound};

use async_trait::async_trait;
use fastauth_domain::{
    change::Conflict,
    email::EmailKey,
    identifier::RequestId,
    pending_request::{Change, PendingRequest},
    time::Timestamp,
};
use fastauth_ports::{pending_requests::ReadPendingRequests, unavailable::Unavailable};

use crate::{
    MemoryStore, State,
    commit::{Applied, violation},
};

#[derive(Debug, Default)]
pub(crate) struct PendingRequests(BTreeMap<RequestId, PendingRequest>);

#[async_trait]
impl ReadPendingRequests for MemoryStore {
    async fn pending(
        &self,
        after: Option<RequestId>,
        limit: u32,
    ) -> Result<Vec<PendingRequest>, Unavailable> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let first = after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.state();
        let rest = state.pending_requests.0.range((first, Bound::Unbounded));
        Ok(rest.take(limit).map(|(_, request)| request.clone()).collect())
    }

    async fn pending_registration(
        &self,
        address: &EmailKey,
    ) -> Result<Option<PendingRequest>, Unavailable> {
        let registers = |request: &&PendingRequest| {
            request.wanted.applicant().is_some() && request.email.key() == address
        };
        Ok(self.state().pending_requests.0.values().find(registers).cloned())
    }
}

impl State {
    pub(crate) fn apply_to_pending_requests(&mut self, change: &Change) -> Applied {
        match change {
            Change::Keep(request) => self.pending_requests.keep(request.clone()),
            Change::Settle(id) => self.pending_requests.settle(*id),
        }
    }
}

impl PendingRequests {
    fn keep(&mut self, request: PendingRequest) -> Applied {
        let id = request.id;
        if self.0.contains_key(&id) {
            return Err(violation("there is a request of this name"));
        }
        self.0.insert(id, request);
        Ok(Box::new(move |state| {
            state.pending_requests.0.remove(&id);
        }))
    }

    fn settle(&mut self, id: RequestId) -> Applied {
        let settled = self.0.remove(&id).ok_or(Conflict::RequestSettled)?;
        Ok(Box::new(move |state| {
            state.pending_requests.0.insert(id, settled);
        }))
    }

    /// Forgets what was asked for at this moment or before it.
    pub(crate) fn remove_older(&mut self, horizon: Timestamp, limit: usize) -> usize {
        let is_old = |_: &RequestId, request: &mut PendingRequest| request.created_at <= horizon;
        self.0.extract_if(.., is_old).take(limit).count()
    }
}
