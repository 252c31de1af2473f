//! How long what is of no use any more is kept.
//!
//! No rule needs it: a session that has ended and one that is gone earn the same refusal. It is kept
//! for people, to be told that a link has expired rather than that it never worked, and to look into
//! what happened.

use std::time::Duration;

use crate::time::Timestamp;

macro_rules! remains {
    ($($(#[$doc:meta])* $remains:ident = $name:literal,)+) => {
        /// What is left behind, and removed in the end.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Remains {
            $($(#[$doc])* $remains,)+
        }

        impl Remains {
            /// Everything there is.
            pub const ALL: &[Self] = &[$(Self::$remains,)+];

            /// The stable name, for logs.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$remains => $name,)+ }
            }
        }
    };
}

remains! {
    /// One-time tokens of every kind that nobody spent, from their expiry on.
    OneTimeTokens = "one_time_tokens",
    /// Sessions that ran out, from the end of their idle time on. That is never after their absolute
    /// end.
    ExpiredSessions = "expired_sessions",
    /// Sessions that were revoked, from then on.
    RevokedSessions = "revoked_sessions",
    /// Audit events, from when they happened on.
    AuditEvents = "audit_events",
    /// Mails that were handed over or given up, from then on.
    SettledMails = "settled_mails",
    /// Requests that nobody has attended to, from when they were asked on.
    PendingRequests = "pending_requests",
    /// Buckets of limits that have come to be as good as new, from then on.
    Buckets = "buckets",
}

/// How long remains are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// One-time tokens past their expiry.
    pub one_time_tokens: Duration,
    /// Sessions past their end, however they ended.
    pub sessions: Duration,
    /// Audit events.
    pub audit_events: Duration,
    /// Where audit events came from: addresses and devices.
    pub origins: Duration,
    /// Mails that are in the queue no more.
    pub settled_mails: Duration,
}

impl Retention {
    /// What came to its end at this moment, or before it, has been kept for long enough.
    pub fn horizon(&self, remains: Remains, now: Timestamp) -> Timestamp {
        now.minus(match remains {
            Remains::OneTimeTokens => self.one_time_tokens,
            Remains::ExpiredSessions | Remains::RevokedSessions => self.sessions,
            Remains::AuditEvents => self.audit_events,
            Remains::SettledMails => self.settled_mails,
            // What was asked for yesterday is not waited for any more.
            Remains::PendingRequests => Duration::from_hours(24),
            // An hour for clocks that differ.
            Remains::Buckets => Duration::from_hours(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_removed_has_been_kept_for_as_long_as_it_was_to_be() {
        let days = |days: u64| Duration::from_hours(24 * days);
        let retention = Retention {
            one_time_tokens: days(7),
            sessions: days(30),
            audit_events: days(400),
            origins: days(30),
            settled_mails: days(14),
        };
        let now = Timestamp::from_unix_micros(1_800_000_000_000_000);
        let kept = |&remains: &Remains| now.since(retention.horizon(remains, now));
        let kept: Vec<_> = Remains::ALL.iter().map(kept).collect();
        assert_eq!(
            kept,
            [days(7), days(30), days(30), days(400), days(14), days(1), Duration::from_hours(1)]
        );
    }
}
