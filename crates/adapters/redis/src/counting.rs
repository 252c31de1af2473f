//! What is asked of the server: scripts, each of which it runs as one step.
//!
//! A bucket is a key that holds when the next attempt is due, in microseconds of the Unix epoch, and that
//! is gone some time after that. Scripts of Redis count in 64-bit floating point, which is exact for such
//! moments until the year 2255.

use std::time::Duration;

use fastauth_domain::{
    limit::{Bucket, Change, Reached},
    time::Timestamp,
};
use fastauth_ports::unavailable::Unavailable;
use redis::{Script, ScriptInvocation};

/// All buckets are in one slot of a cluster, as the keys of one script must be.
const PREFIX: &str = "{fastauth-limits}:";
/// For how long a bucket that is due is kept: the clocks of instances may differ by so much.
const SLACK: Duration = Duration::from_mins(5);

/// Counts in every bucket, or says which is full, and when its next attempt is due.
const TAKE: &str = include_str!("take.lua");
/// Takes one attempt back.
const GIVE_BACK: &str = include_str!("give_back.lua");
const FORGET: &str = "redis.call('DEL', unpack(KEYS))";

/// The scripts, as they are asked for.
#[derive(Debug)]
pub(crate) struct Scripts {
    take: Script,
    give_back: Script,
    forget: Script,
}

/// The number of a bucket that is full, from one on, and when its next attempt is due.
pub(crate) type Full = Option<(usize, i64)>;

impl Default for Scripts {
    fn default() -> Self {
        let [take, give_back, forget] = [TAKE, GIVE_BACK, FORGET].map(Script::new);
        Self { take, give_back, forget }
    }
}

impl Scripts {
    pub(crate) fn take(&self, buckets: &[Bucket], now: Timestamp) -> ScriptInvocation<'_> {
        let mut script = self.take.prepare_invoke();
        script.arg(now.unix_micros()).arg(millis(SLACK));
        for Bucket { name, rate, .. } in buckets {
            script.key(key(name));
            script.arg(micros(rate.interval())).arg(micros(rate.tolerance()));
            script.arg(rate.horizon(now).unix_micros());
        }
        script
    }

    pub(crate) fn take_back(&self, change: &Change) -> ScriptInvocation<'_> {
        match change {
            Change::Forget(names) => {
                let mut script = self.forget.prepare_invoke();
                for name in names {
                    script.key(key(name));
                }
                script
            }
            Change::GiveBack(Bucket { name, rate, .. }) => {
                let mut script = self.give_back.prepare_invoke();
                script.key(key(name)).arg(micros(rate.interval()));
                script
            }
        }
    }
}

/// What an attempt has come to.
pub(crate) fn outcome(
    full: Full,
    buckets: &[Bucket],
    now: Timestamp,
) -> Result<Result<(), Reached>, Unavailable> {
    let Some((number, due)) = full else { return Ok(Ok(())) };
    let bucket = number.checked_sub(1).and_then(|index| buckets.get(index));
    let bucket = bucket.ok_or_else(|| Unavailable::new("the server tells of another bucket"))?;
    let due = Timestamp::from_unix_micros(due);
    let until = bucket.rate.take(Some(due), now).map_or_else(|full| full.until, |_| now);
    Ok(Err(Reached { bucket: bucket.clone(), until }))
}

fn key(name: &str) -> String {
    format!("{PREFIX}{name}")
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
