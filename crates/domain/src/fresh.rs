//! The random bytes of one decision.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// 256 random bits for one decision, stretched into as many independent values as it needs.
///
/// Each value is SHA-256 over the seed and a counter, so that a decision stays a pure function of
/// what it is given, and the operating system is asked once. Wiped when dropped.
pub struct Fresh {
    seed: Zeroizing<[u8; 32]>,
    drawn: u32,
}

impl Fresh {
    /// Starts from 32 bytes of the operating system's randomness, used for nothing else.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed: Zeroizing::new(seed), drawn: 0 }
    }

    /// The next 32 bytes.
    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        self.drawn += 1;
        Sha256::new().chain_update(*self.seed).chain_update(self.drawn.to_be_bytes()).finalize().into()
    }
}

impl std::fmt::Debug for Fresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fresh").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_draw_differs_and_the_same_seed_repeats() {
        let (mut one, mut other) = (Fresh::new([7; 32]), Fresh::new([7; 32]));
        let first = one.bytes();
        assert_ne!(first, one.bytes());
        assert_eq!(first, other.bytes());
    }
}
