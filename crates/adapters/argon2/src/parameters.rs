//! What a hash costs.

use argon2::{Algorithm, Argon2, KeyId, Params, ParamsBuilder, Version};

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

    /// The same with the pepper of this name.
    pub(crate) fn peppered(&self, pepper: KeyId) -> Result<Self, InvalidParameters> {
        let Self(params) = self;
        ParamsBuilder::new()
            .m_cost(params.m_cost())
            .t_cost(params.t_cost())
            .p_cost(params.p_cost())
            .output_len(TAG_BYTES)
            .keyid(pepper)
            .build()
            .map(Self)
            .map_err(|_| InvalidParameters)
    }

    /// The name of the pepper, which is empty for none.
    pub(crate) fn pepper(&self) -> &[u8] {
        self.0.keyid()
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

    pub(crate) fn argon2<'pepper>(&self, pepper: &'pepper [u8]) -> argon2::Result<Argon2<'pepper>> {
        let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
        Argon2::new_with_secret(pepper, algorithm, version, self.0.clone())
    }

    /// How many blocks of memory a hash fills.
    pub(crate) const fn blocks(&self) -> usize {
        self.0.block_count()
    }
}
