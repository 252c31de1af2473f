//! Making and comparing hashes, in memory that is used again.

use argon2::{
    Block,
    password_hash::phc::{Ident, Output, ParamsString, PasswordHash as Phc, Salt},
};
use fastauth_domain::password::PasswordHash;
use fastauth_ports::{passwords::Match, unavailable::Unavailable};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::parameters::{Parameters, TAG_BYTES};

const ALGORITHM: Ident = Ident::new_unwrap("argon2id");
const VERSION: u32 = 0x13;
const SALT_BYTES: usize = 16;

/// Hashes under one set of parameters, in one arena that it keeps.
///
/// What is left in the arena after a hash says nothing about the password that is not as hard to
/// undo as the hash itself, so that it is not wiped each time.
pub(crate) struct Hashing {
    parameters: Parameters,
    arena: Vec<Block>,
}

impl Hashing {
    /// Allocates the arena, once.
    pub(crate) fn new(parameters: Parameters) -> Self {
        let arena = vec![Block::default(); parameters.blocks()];
        Self { parameters, arena }
    }

    /// A new hash under today's parameters, with a salt of its own.
    pub(crate) fn hash(&mut self, password: &[u8]) -> Result<PasswordHash, Unavailable> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| Unavailable::new(error.to_string()))?;
        let tag = tag(&mut self.arena, &self.parameters, password, &salt)?;
        let phc = Phc {
            algorithm: ALGORITHM,
            version: Some(VERSION),
            params: ParamsString::try_from(self.parameters.params()).map_err(broken)?,
            salt: Some(Salt::new(&salt).map_err(broken)?),
            hash: Some(Output::new(&*tag).map_err(broken)?),
        };
        Ok(PasswordHash::from_phc(phc.to_string()))
    }

    /// Compares with a stored hash. Without one, or with one that is of no use, the same work is
    /// done under today's parameters, and nothing matches.
    pub(crate) fn verify(
        &mut self,
        password: &[u8],
        stored: Option<&PasswordHash>,
    ) -> Result<Match, Unavailable> {
        let Some(Stored { parameters, salt, tag: stored }) = stored.and_then(Stored::parse) else {
            tag(&mut self.arena, &self.parameters, password, &[0; SALT_BYTES])?;
            return Ok(Match::No);
        };
        let presented = tag(&mut self.arena, &parameters, password, salt.as_ref())?;
        let is_same = bool::from(presented.as_slice().ct_eq(stored.as_bytes()));
        Ok(if is_same { Match::Yes { outdated: parameters != self.parameters } } else { Match::No })
    }
}

/// The tag of a password. A hash that needs more memory than the arena has, as one of a person's
/// older hashes may, gets it for this once.
fn tag(
    arena: &mut [Block],
    parameters: &Parameters,
    password: &[u8],
    salt: &[u8],
) -> Result<Zeroizing<[u8; TAG_BYTES]>, Unavailable> {
    let mut larger = Vec::new();
    let memory = if parameters.blocks() > arena.len() {
        larger.resize_with(parameters.blocks(), Block::default);
        larger.as_mut_slice()
    } else {
        arena
    };
    let mut tag = Zeroizing::new([0; TAG_BYTES]);
    parameters
        .argon2()
        .hash_password_into_with_memory(password, salt, tag.as_mut_slice(), memory)
        .map_err(broken)?;
    Ok(tag)
}

fn broken(error: impl std::fmt::Display) -> Unavailable {
    Unavailable::new(error.to_string())
}

/// A stored hash that this program is willing to compare with.
struct Stored {
    parameters: Parameters,
    salt: Salt,
    tag: Output,
}

impl Stored {
    /// Refuses what is not Argon2id of this version, and what asks for absurd resources, before
    /// anything is allocated for it.
    fn parse(stored: &PasswordHash) -> Option<Self> {
        let phc = Phc::new(stored.as_phc()).ok()?;
        if phc.algorithm != ALGORITHM || phc.version != Some(VERSION) {
            return None;
        }
        let number = |name: &str| phc.params.get_decimal(name);
        let parameters = Parameters::new(number("m")?, number("t")?, number("p")?).ok()?;
        let tag = phc.hash.filter(|tag| tag.len() == TAG_BYTES)?;
        Some(Self { parameters, salt: phc.salt?, tag })
    }
}
