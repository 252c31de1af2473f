//! Making and comparing hashes, in memory that is used again.

use argon2::Block;
use fastauth_domain::password::PasswordHash;
use fastauth_ports::{passwords::Match, unavailable::Unavailable};
use subtle::Choice;
use zeroize::Zeroizing;

use crate::{
    arena::Arena,
    parameters::{Parameters, TAG_BYTES},
    pepper::Peppers,
    stored::{Stored, broken, fresh_salt, phc},
};

/// Hashes under one set of parameters, in one arena that it keeps.
pub(crate) struct Hashing {
    parameters: Parameters,
    peppers: Peppers,
    arena: Arena,
    nobody: Stored,
    /// Whether it was told that a pepper is gone: once is enough, however often somebody tries.
    has_told: bool,
    #[cfg(test)]
    hashes: usize,
}

impl Hashing {
    /// Allocates the arena, and draws the hash that a password is compared with where there is
    /// none.
    pub(crate) fn new(parameters: &Parameters, peppers: Peppers) -> Result<Self, Unavailable> {
        let parameters = parameters.peppered(peppers.id_of_today()).map_err(broken)?;
        Ok(Self {
            arena: Arena::new(parameters.blocks())?,
            nobody: Stored::of_nobody(parameters.clone())?,
            parameters,
            peppers,
            has_told: false,
            #[cfg(test)]
            hashes: 0,
        })
    }

    /// A new hash under today's parameters, with a salt of its own.
    pub(crate) fn hash(&mut self, password: &[u8]) -> Result<PasswordHash, Unavailable> {
        let (parameters, salt) = (self.parameters.clone(), fresh_salt()?);
        let tag = self.tag(&parameters, password, &salt)?;
        phc(&parameters, salt, &tag)
    }

    /// Compares with a stored hash. Without one, or with one that is of no use, the password is
    /// compared with nobody's: the same work on the same path, and no match.
    pub(crate) fn verify(
        &mut self,
        password: &[u8],
        stored: Option<&PasswordHash>,
    ) -> Result<Match, Unavailable> {
        let stored = stored.and_then(Stored::parse).filter(|stored| self.has_pepper_of(stored));
        let (stored, is_somebodys) = match stored {
            Some(stored) => (stored, Choice::from(1)),
            None => (self.nobody.clone(), Choice::from(0)),
        };
        let tag = self.tag(stored.parameters(), password, stored.salt())?;
        let is_match = bool::from(stored.has_tag(&tag) & is_somebodys);
        let outdated = *stored.parameters() != self.parameters;
        Ok(if is_match { Match::Yes { outdated } } else { Match::No })
    }

    fn has_pepper_of(&mut self, stored: &Stored) -> bool {
        let is_here = self.peppers.named(stored.parameters().pepper()).is_some();
        if !is_here && !std::mem::replace(&mut self.has_told, true) {
            tracing::warn!("a password was hashed with a pepper that is not set any more");
        }
        is_here
    }

    fn tag(
        &mut self,
        parameters: &Parameters,
        password: &[u8],
        salt: &[u8],
    ) -> Result<Zeroizing<[u8; TAG_BYTES]>, Unavailable> {
        #[cfg(test)]
        {
            self.hashes += 1;
        }
        let mut tag = Zeroizing::new([0; TAG_BYTES]);
        let pepper = self.peppers.named(parameters.pepper()).ok_or_else(|| broken("no pepper"))?;
        let argon2 = parameters.argon2(pepper).map_err(broken)?;
        let memory = self.arena.lend(parameters.blocks())?;
        let hashed =
            argon2.hash_password_into_with_memory(password, salt, tag.as_mut_slice(), &mut *memory);
        wipe_where_needed(memory, parameters);
        self.arena.settle();
        hashed.map_err(broken)?;
        Ok(tag)
    }
}

/// Wipes what would let a reader of the memory try passwords cheaply.
///
/// After one pass the first blocks follow from the password in a step or two. A second pass mixes
/// into each of them the end of the pass before: trying a password on what is left costs at least
/// half a hash, in the same memory, and the next hash overwrites it. Wiping 19 MiB costs a twentieth
/// of a hash, so that it is done only where it buys something.
fn wipe_where_needed(memory: &mut [Block], parameters: &Parameters) {
    if parameters.iterations() == 1 {
        memory.fill(Block::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEPPER: &str = "oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa";
    const NEXT_PEPPER: &str = "T4gHsPaoJ0x1cEwFz2nqkD5u8VbR7mLy";

    fn quick() -> Hashing {
        peppered("none")
    }

    fn peppered(peppers: &str) -> Hashing {
        let peppers = Peppers::parse(&peppers.into()).unwrap();
        Hashing::new(&Parameters::new(64, 2, 1).unwrap(), peppers).unwrap()
    }

    /// What another `Hashing` makes of "winter harbour".
    fn hash_under(memory_kib: u32, iterations: u32, parallelism: u32) -> PasswordHash {
        let parameters = Parameters::new(memory_kib, iterations, parallelism).unwrap();
        let mut hashing = Hashing::new(&parameters, Peppers::default()).unwrap();
        hashing.hash(b"winter harbour").unwrap()
    }

    #[test]
    fn every_comparison_costs_one_hash_whether_there_is_a_hash_or_not() {
        let mut hashing = quick();
        let right = hash_under(64, 2, 1);
        let unreadable = PasswordHash::from_phc("unreadable");
        let absurd = "$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let absurd = PasswordHash::from_phc(absurd);
        for (nth, stored) in
            [Some(&right), None, Some(&unreadable), Some(&absurd)].into_iter().enumerate()
        {
            let matched = hashing.verify(b"winter harbor", stored).unwrap();
            assert_eq!((matched, hashing.hashes), (Match::No, nth + 1));
        }
        assert_eq!(hashing.arena.allocations, 1);
    }

    #[test]
    fn one_arena_serves_every_hash() {
        let mut hashing = quick();
        let (smaller, same) = (hash_under(32, 3, 1), hash_under(64, 2, 1));
        for _ in 0..20 {
            hashing.hash(b"winter harbour").unwrap();
            hashing.verify(b"winter harbour", Some(&smaller)).unwrap();
            hashing.verify(b"winter harbour", Some(&same)).unwrap();
            hashing.verify(b"winter harbour", None).unwrap();
        }
        assert_eq!((hashing.hashes, hashing.arena.allocations), (80, 1));
    }

    #[test]
    fn a_larger_stored_hash_is_verified_and_its_memory_given_back() {
        let mut hashing = quick();
        let larger = hash_under(1_024, 1, 4);
        for allocations in [2, 3] {
            let matched = hashing.verify(b"winter harbour", Some(&larger)).unwrap();
            assert_eq!(matched, Match::Yes { outdated: true });
            assert_eq!(hashing.arena.allocations, allocations);
            assert_eq!(hashing.arena.lend(1).unwrap().len(), 64);
        }
    }

    #[test]
    fn nothing_is_left_of_a_single_pass() {
        let parameters = Parameters::new(64, 1, 1).unwrap();
        let mut hashing = Hashing::new(&parameters, Peppers::default()).unwrap();
        hashing.hash(b"winter harbour").unwrap();
        let left = hashing.arena.lend(64).unwrap();
        assert!(left.iter().all(|block| block.as_ref().iter().all(|&word| word == 0)));
    }

    #[test]
    fn nobodys_hash_matches_no_password_even_if_its_tag_is_met() {
        let mut hashing = quick();
        let (parameters, salt) = (hashing.parameters.clone(), hashing.nobody.salt().to_vec());
        let met = hashing.tag(&parameters, b"winter harbour", &salt).unwrap();
        hashing.nobody =
            Stored::parse(&phc(&parameters, salt.as_slice().try_into().unwrap(), &met).unwrap())
                .unwrap();
        assert_eq!(hashing.verify(b"winter harbour", None).unwrap(), Match::No);
    }

    #[test]
    fn a_hash_with_a_pepper_is_compared_only_where_that_is() {
        let hash = peppered(PEPPER).hash(b"winter harbour").unwrap();
        assert!(hash.as_phc().contains(",keyid="), "{}", hash.as_phc());
        let verify = |peppers: &str| {
            let mut hashing = peppered(peppers);
            let matched = hashing.verify(b"winter harbour", Some(&hash)).unwrap();
            assert_eq!(hashing.hashes, 1, "the work is the same");
            matched
        };
        assert_eq!(verify(PEPPER), Match::Yes { outdated: false });
        assert_eq!(verify(&format!("{NEXT_PEPPER} {PEPPER}")), Match::Yes { outdated: true });
        assert_eq!(verify(&format!("none {PEPPER}")), Match::Yes { outdated: true });
        assert_eq!((verify("none"), verify(NEXT_PEPPER)), (Match::No, Match::No));
        let renamed = hash.as_phc().replace(id(PEPPER).as_str(), id(NEXT_PEPPER).as_str());
        let renamed = PasswordHash::from_phc(renamed);
        let matched = peppered(NEXT_PEPPER).verify(b"winter harbour", Some(&renamed)).unwrap();
        assert_eq!(matched, Match::No, "the pepper is in the tag and not only named");
    }

    #[test]
    fn a_hash_without_a_pepper_is_renewed_with_one() {
        let mut hashing = peppered(PEPPER);
        let plain = hash_under(64, 2, 1);
        let matched = hashing.verify(b"winter harbour", Some(&plain)).unwrap();
        assert_eq!(matched, Match::Yes { outdated: true });
        let renewed = hashing.hash(b"winter harbour").unwrap();
        let matched = hashing.verify(b"winter harbour", Some(&renewed)).unwrap();
        assert_eq!(matched, Match::Yes { outdated: false });
        assert_eq!(quick().verify(b"winter harbour", Some(&renewed)).unwrap(), Match::No);
    }

    /// How a hash names a pepper.
    fn id(pepper: &str) -> String {
        let hash = peppered(pepper).hash(b"winter harbour").unwrap();
        let (_, named) = hash.as_phc().split_once("keyid=").unwrap();
        named.split_once('$').unwrap().0.to_owned()
    }
}
