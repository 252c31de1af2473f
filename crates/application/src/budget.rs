//! How much mail goes to people who have not asked for any, so that nobody can make a mail bomb of the
//! server.

use std::{sync::Arc, time::Duration};

use fastauth_domain::{
    limit::{Bucket, Full, Rate},
    mail::Mail,
    time::Timestamp,
    visitor::ClientNetwork,
};
use fastauth_ports::{limits::LimitAttempts, unavailable::Unavailable};

/// How long a mail waits for its turn. Afterwards whoever wanted it has gone, or asks again.
const PATIENCE: Duration = Duration::from_mins(15);

/// How much mail may be sent to addresses that are not proven. `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StrangerRates {
    /// In all.
    pub in_all: Option<Rate>,
    /// To addresses of one domain.
    pub per_domain: Option<Rate>,
    /// Caused by one client network.
    pub per_client: Option<Rate>,
}

/// Counts first contacts.
#[derive(Clone)]
pub struct Budget {
    /// Does the counting.
    pub limits: Arc<dyn LimitAttempts>,
    /// What is allowed.
    pub rates: StrangerRates,
}

/// Whether a mail may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// It may.
    Now,
    /// It may be then.
    Later(Timestamp),
    /// It is not worth sending any more by when it may be.
    Never,
}

impl Budget {
    /// Counts a mail if it is a first contact, and says whether it may be sent.
    pub(crate) async fn allow(
        &self,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<Allowance, Unavailable> {
        let buckets = if mail.is_first_contact { self.buckets(mail) } else { Vec::new() };
        if buckets.is_empty() {
            return Ok(Allowance::Now);
        }
        Ok(match self.limits.attempt(&buckets, now).await? {
            Ok(()) => Allowance::Now,
            Err(Full { until }) if until < mail.created_at.plus(PATIENCE) => {
                Allowance::Later(until)
            }
            Err(Full { .. }) => Allowance::Never,
        })
    }

    fn buckets(&self, mail: &Mail) -> Vec<Bucket> {
        let StrangerRates { in_all, per_domain, per_client } = self.rates;
        let client = mail.client.as_ref().map(ClientNetwork::as_str);
        [
            (in_all, Some("mail".to_owned())),
            (per_domain, Some(format!("mail to {}", mail.to.ascii_domain()))),
            (per_client, client.map(|client| format!("mail for {client}"))),
        ]
        .into_iter()
        .filter_map(|(rate, name)| Some(Bucket { name: name?, rate: rate? }))
        .collect()
    }
}
