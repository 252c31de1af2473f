//! Dice that always fall the same way.

use std::sync::atomic::{AtomicU64, Ordering};

use fastauth_ports::{randomness::Randomness, unavailable::Unavailable};

/// Randomness that repeats: the same series gives the same seeds, and no two seeds of it are equal.
#[derive(Debug, Default)]
pub struct Dice {
    series: u64,
    thrown: AtomicU64,
}

impl Dice {
    /// The dice of a series. Two of different series have no seed in common.
    pub const fn new(series: u64) -> Self {
        Self { series, thrown: AtomicU64::new(0) }
    }

    /// The next seed.
    pub fn throw(&self) -> [u8; 32] {
        let nth = self.thrown.fetch_add(1, Ordering::SeqCst);
        let mut seed = [0; 32];
        let (throw, rest) = seed.split_at_mut(8);
        // What is drawn from the first bytes differs from throw to throw.
        throw.copy_from_slice(&nth.to_le_bytes());
        rest.split_at_mut(8).0.copy_from_slice(&self.series.to_be_bytes());
        seed
    }
}

impl Randomness for Dice {
    fn seed(&self) -> Result<[u8; 32], Unavailable> {
        Ok(self.throw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_of_one_series_fall_the_same_way_and_never_twice() {
        let (one, other) = (Dice::new(7), Dice::new(7));
        let first = one.throw();
        assert_eq!(first, other.throw());
        assert_ne!(first, one.throw());
        assert_ne!(first, Dice::new(8).throw());
    }
}
