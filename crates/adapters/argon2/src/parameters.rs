//! What a hash costs.

use argon2::{Algorithm, Argon2, Params, Version};

/// The most memory a hash may ask for, in KiB: 256 MiB.
const MAX_MEMORY_KIB: u32 = 262_144;
/// The most passes a hash may ask for.
const MAX_ITERATIONS: u32 = 10;
/// The most lanes a hash may ask for.
const MAX_PARALLELISM: u32 = 4;
/// Bytes of a tag.
pub(crate) const TAG_BYTES: usize = 32;

/// What a hash costs, within what this program is willing to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters(Params);

/// The parameters are outside of what is possible or wise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Argon2id takes 8 KiB per lane to {MAX_MEMORY_KIB} KiB of memory, 1 to {MAX_ITERATIONS} \
     passes and 1 to {MAX_PARALLELISM} lanes"
)]
pub struct InvalidParameters;

impl Parameters {
    /// Memory in KiB (8 per lane to 262,144), passes (1 to 10) and lanes (1 to 4).
    pub fn new(
        memory_kib: u32,
        iterations: u32,
        parallelism: u32,
    ) -> Result<Self, InvalidParameters> {
        if memory_kib > MAX_MEMORY_KIB
            || iterations > MAX_ITERATIONS
            || parallelism > MAX_PARALLELISM
        {
            return Err(InvalidParameters);
        }
        Params::new(memory_kib, iterations, parallelism, Some(TAG_BYTES))
            .map(Self)
            .map_err(|_| InvalidParameters)
    }

    pub(crate) const fn iterations(&self) -> u32 {
        self.0.t_cost()
    }

    /// How much memory a hash fills, counted once for each pass, in KiB: in proportion to the time
    /// it takes.
    pub(crate) const fn filled_kib(&self) -> u64 {
        self.0.m_cost() as u64 * self.0.t_cost() as u64
    }

    pub(crate) const fn params(&self) -> &Params {
        &self.0
    }

    pub(crate) fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.0.clone())
    }

    /// How many blocks of memory a hash fills.
    pub(crate) const fn blocks(&self) -> usize {
        self.0.block_count()
    }
}
