//! The time of one decision, its random bytes, and who asks for it.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{time::Timestamp, visitor::Visitor};

/// When a decision is made, and 256 random bits stretched into as many values as it needs.
///
/// Each value is SHA-256 over the seed and a counter: the decision stays a pure function of what it
/// is given, and the operating system is asked once. The seed is wiped when dropped.
pub struct Moment {
    now: Timestamp,
    visitor: Visitor,
    seed: Zeroizing<[u8; 32]>,
    drawn: u32,
}

impl Moment {
    /// Starts from the present and 32 bytes of the operating system's randomness, used for nothing
    /// else.
    pub fn new(now: Timestamp, seed: [u8; 32]) -> Self {
        Self { now, visitor: Visitor::default(), seed: Zeroizing::new(seed), drawn: 0 }
    }

    /// The same, at which somebody asks for something.
    #[must_use]
    pub fn of(self, visitor: &Visitor) -> Self {
        Self { visitor: visitor.clone(), ..self }
    }

    /// Who asks.
    pub const fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    /// The present.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// How many values were taken from it.
    pub(crate) const fn drawn(&self) -> u32 {
        self.drawn
    }

    /// The next 32 random bytes.
    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        self.drawn += 1;
        let counter = self.drawn.to_be_bytes();
        Sha256::new().chain_update(*self.seed).chain_update(counter).finalize().into()
    }
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Moment").field("now", &self.now).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_draw_differs_and_the_same_seed_repeats() {
        let moment = || Moment::new(Timestamp::from_unix_micros(0), [7; 32]);
        let (mut one, mut other) = (moment(), moment());
        let first = one.bytes();
        assert_ne!(first, one.bytes());
        assert_eq!(first, other.bytes());
    }
}
