//! The floor: the same mails by the same adapter, and no outbox.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use fastauth::ports::mail::SendMail;
use tokio::task::JoinSet;

use super::mails::Mails;
use crate::Failure;

/// As many mails at a time as a relay sends.
const AT_A_TIME: usize = 16;

/// Sends every mail, and says how long that took.
pub(crate) async fn send(mails: &Mails, transport: Arc<dyn SendMail>) -> Result<Duration, Failure> {
    let written = Arc::new(mails.written.clone());
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut senders = JoinSet::new();
    for _ in 0..AT_A_TIME {
        let (written, next) = (Arc::clone(&written), Arc::clone(&next));
        let transport = Arc::clone(&transport);
        senders.spawn(async move {
            while let Some(mail) = written.get(next.fetch_add(1, Ordering::Relaxed)) {
                transport.send(mail).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(done) = senders.join_next().await {
        done??;
    }
    Ok(started.elapsed())
}
