//! How much mail goes to people who have not asked for it, so that nobody can make a mail bomb of the
//! server, nor bury a notice among others.

use std::{sync::Arc, time::Duration};

use fastauth_domain::{
    limit::{Bucket, Keeping, Rate, Reached},
    mail::Mail,
    time::Timestamp,
    visitor::ClientNetwork,
};
use fastauth_ports::{limits::LimitAttempts, unavailable::Unavailable};

/// How long a mail waits for its turn. Afterwards whoever wanted it has gone, or asks again.
const PATIENCE: Duration = Duration::from_mins(15);

/// How much mail may be sent that its reader has not asked for. `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailRates {
    /// To addresses that are not proven, in all.
    pub to_strangers: Option<Rate>,
    /// To such addresses of one domain.
    pub to_strangers_per_domain: Option<Rate>,
    /// To such addresses, caused by one client network.
    pub to_strangers_per_client: Option<Rate>,
    /// Security notices to one address.
    pub notices_per_recipient: Option<Rate>,
}

/// Counts first contacts and notices.
#[derive(Clone)]
pub struct Budget {
    /// Does the counting.
    pub limits: Arc<dyn LimitAttempts>,
    /// What is allowed.
    pub rates: MailRates,
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
    /// Counts a mail that its reader may not have asked for, and says whether it may be sent.
    pub(crate) async fn allow(
        &self,
        mail: &Mail,
        now: Timestamp,
    ) -> Result<Allowance, Unavailable> {
        let buckets = self.buckets(mail);
        if buckets.is_empty() {
            return Ok(Allowance::Now);
        }
        Ok(match self.limits.attempt(&buckets, now).await? {
            Ok(()) => Allowance::Now,
            Err(Reached { until, .. }) if until < mail.created_at.plus(PATIENCE) => {
                Allowance::Later(until)
            }
            Err(Reached { .. }) => Allowance::Never,
        })
    }

    fn buckets(&self, mail: &Mail) -> Vec<Bucket> {
        let client = mail.client.as_ref().map(ClientNetwork::as_str);
        let counted = if mail.is_first_contact {
            vec![
                (self.rates.to_strangers, Some("mail".to_owned())),
                (
                    self.rates.to_strangers_per_domain,
                    Some(format!("mail to {}", mail.to.ascii_domain())),
                ),
                (
                    self.rates.to_strangers_per_client,
                    client.map(|client| format!("mail for {client}")),
                ),
            ]
        } else if mail.message.link().is_none() {
            let name = format!("notice to {}", mail.to.key().as_str());
            vec![(self.rates.notices_per_recipient, Some(name))]
        } else {
            Vec::new()
        };
        let bucket = |(rate, name): (Option<Rate>, Option<String>)| {
            Some(Bucket { name: name?, rate: rate?, keeping: Keeping::Lasting })
        };
        counted.into_iter().filter_map(bucket).collect()
    }
}
