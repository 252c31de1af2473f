//! Where decisions get their time and their randomness.

use std::sync::Arc;

use fastauth_domain::{moment::Moment, visitor::Visitor};
use fastauth_ports::{clock::Clock, randomness::Randomness, unavailable::Unavailable};

/// Gives each decision a [`Moment`] of its own.
#[derive(Clone)]
pub struct Moments {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws the random bytes.
    pub randomness: Arc<dyn Randomness>,
}

impl Moments {
    /// The present, with fresh random bytes.
    pub fn moment(&self) -> Result<Moment, Unavailable> {
        Ok(Moment::new(self.clock.now(), self.randomness.seed()?))
    }

    /// The same, at which somebody asks for something.
    pub fn moment_of(&self, visitor: &Visitor) -> Result<Moment, Unavailable> {
        Ok(self.moment()?.of(visitor))
    }
}
