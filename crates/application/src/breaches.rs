//! Refusing passwords that are known from breaches.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use fastauth_domain::{
    breaches::{Finding, OutagePolicy},
    password::{NewPassword, UnacceptablePassword},
};
use fastauth_ports::{breaches::SearchBreaches, unavailable::Unavailable};

use crate::metrics::count_search;

/// Has breaches searched for the passwords that people choose; for none, by default.
///
/// A search takes up to a second and asks somebody else, so that it comes last: after the rules that
/// need nobody, and after whatever limits requests.
#[derive(Clone, Default)]
pub struct Breaches(Option<Arc<Searched>>);

struct Searched {
    breaches: Arc<dyn SearchBreaches>,
    outage: OutagePolicy,
    /// Whether the last search failed, so that an outage is told once and not with each password.
    is_out: AtomicBool,
}

/// Why a password is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum BreachError {
    /// It is known from a breach.
    #[error(transparent)]
    UnacceptablePassword(#[from] UnacceptablePassword),
    /// Nobody could tell, and what nobody can tell is refused.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Breaches {
    /// Has these searched.
    pub fn searched(breaches: Arc<dyn SearchBreaches>, outage: OutagePolicy) -> Self {
        Self(Some(Arc::new(Searched { breaches, outage, is_out: AtomicBool::new(false) })))
    }

    /// Accepts a password that is not known from a breach. It is searched for once.
    pub(crate) async fn admit(&self, password: &NewPassword) -> Result<(), BreachError> {
        let Some(searched) = &self.0 else { return Ok(()) };
        match (searched.search(password).await, searched.outage) {
            (Ok(finding), _) => Ok(finding.judge()?),
            (Err(_), OutagePolicy::Accept) => Ok(()),
            (Err(why), OutagePolicy::Refuse) => Err(why.into()),
        }
    }
}

impl Searched {
    async fn search(&self, password: &NewPassword) -> Result<Finding, Unavailable> {
        let found = self.breaches.search(password).await;
        count_search(&found);
        self.tell(found.as_ref().err());
        found
    }

    /// Tells that an outage has begun or ended.
    fn tell(&self, failure: Option<&Unavailable>) {
        let was_out = self.is_out.swap(failure.is_some(), Ordering::Relaxed);
        match (was_out, failure, self.outage) {
            (false, Some(cause), OutagePolicy::Accept) => {
                tracing::warn!(%cause, "breaches cannot be searched: passwords are accepted without");
            }
            (false, Some(cause), OutagePolicy::Refuse) => {
                tracing::warn!(%cause, "breaches cannot be searched: no password is accepted");
            }
            (true, None, _) => tracing::info!("breaches can be searched again"),
            (true, Some(_), _) | (false, None, _) => {}
        }
    }
}
