//! A fault to inject into a store under test: its n-th write from now fails.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::unavailable::Unavailable;

/// Fails one write of a store, as a database does that goes away in the middle of a transaction.
#[derive(Debug, Default)]
pub struct Fault {
    /// How many writes are left up to and with the failing one; 0 for none.
    countdown: AtomicU32,
}

impl Fault {
    /// Makes the n-th write from now fail, counted from 1; the ones after it succeed again.
    pub fn fail_write(&self, nth: u32) {
        self.countdown.store(nth, Ordering::SeqCst);
    }

    /// Whether the fault is still to come.
    pub fn is_armed(&self) -> bool {
        self.countdown.load(Ordering::SeqCst) > 0
    }

    /// To be called by the store before each single write.
    pub fn before_write(&self) -> Result<(), Unavailable> {
        let counted = self
            .countdown
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match counted {
            Ok(1) => Err(Unavailable::new("injected fault")),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
