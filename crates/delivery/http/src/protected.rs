//! Slices whose routes are for people who are signed in.

use std::sync::Arc;

use axum::extract::FromRef;
use fastauth_application::account::Accounts;

/// The state of such a slice: what it does, and what recognises its callers.
pub(crate) struct Protected<U> {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) use_case: Arc<U>,
}

impl<U> Protected<U> {
    pub(crate) fn new(accounts: &Arc<Accounts>, use_case: &Arc<U>) -> Self {
        Self { accounts: Arc::clone(accounts), use_case: Arc::clone(use_case) }
    }
}

impl<U> Clone for Protected<U> {
    fn clone(&self) -> Self {
        Self::new(&self.accounts, &self.use_case)
    }
}

impl<U> FromRef<Protected<U>> for Arc<Accounts> {
    fn from_ref(state: &Protected<U>) -> Self {
        Self::clone(&state.accounts)
    }
}
