//! A stored hash, as far as this program is willing to compare with it.

use argon2::KeyId;
use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash as Phc, Salt};
use fastauth_domain::password::PasswordHash;
use fastauth_ports::unavailable::Unavailable;
use subtle::{Choice, ConstantTimeEq};

use crate::parameters::{Parameters, TAG_BYTES};

const ALGORITHM: Ident = Ident::new_unwrap("argon2id");
const VERSION: u32 = 0x13;
const SALT_BYTES: usize = 16;

/// A hash with what it was made from, except for the password.
#[derive(Clone)]
pub(crate) struct Stored {
    parameters: Parameters,
    salt: Salt,
    tag: Output,
}

impl Stored {
    /// Reads a PHC string. Refuses what is not Argon2id of this version, and what asks for absurd
    /// resources, before anything is allocated for it.
    pub(crate) fn parse(stored: &PasswordHash) -> Option<Self> {
        let phc = Phc::new(stored.as_phc()).ok()?;
        if phc.algorithm != ALGORITHM || phc.version != Some(VERSION) {
            return None;
        }
        let number = |name: &str| phc.params.get_decimal(name);
        let pepper = phc.params.get_str("keyid").map_or(Ok(KeyId::EMPTY), str::parse).ok()?;
        let parameters = Parameters::new(number("m")?, number("t")?, number("p")?).ok()?;
        let parameters = parameters.peppered(pepper).ok()?;
        let tag = phc.hash.filter(|tag| tag.len() == TAG_BYTES)?;
        Some(Self { parameters, salt: phc.salt?, tag })
    }

    /// The hash of a password that nobody has: a tag drawn at random.
    pub(crate) fn of_nobody(parameters: Parameters) -> Result<Self, Unavailable> {
        let tag = Output::new(&random::<TAG_BYTES>()?).map_err(broken)?;
        Ok(Self { parameters, salt: fresh_salt()?, tag })
    }

    pub(crate) const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    pub(crate) fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// Whether this is the tag, in constant time.
    pub(crate) fn has_tag(&self, tag: &[u8; TAG_BYTES]) -> Choice {
        self.tag.as_bytes().ct_eq(tag)
    }
}

/// A salt for one new hash.
pub(crate) fn fresh_salt() -> Result<Salt, Unavailable> {
    Salt::new(&random::<SALT_BYTES>()?).map_err(broken)
}

/// A new hash as it is stored.
pub(crate) fn phc(
    parameters: &Parameters,
    salt: Salt,
    tag: &[u8; TAG_BYTES],
) -> Result<PasswordHash, Unavailable> {
    let phc = Phc {
        algorithm: ALGORITHM,
        version: Some(VERSION),
        params: ParamsString::try_from(parameters.params()).map_err(broken)?,
        salt: Some(salt),
        hash: Some(Output::new(tag).map_err(broken)?),
    };
    Ok(PasswordHash::from_phc(phc.to_string()))
}

fn random<const N: usize>() -> Result<[u8; N], Unavailable> {
    let mut bytes = [0; N];
    #[expect(
        clippy::disallowed_methods,
        reason = "a salt decides nothing, so that no test needs to choose it"
    )]
    getrandom::fill(&mut bytes).map_err(broken)?;
    Ok(bytes)
}

pub(crate) fn broken(error: impl std::fmt::Display) -> Unavailable {
    Unavailable::new(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &str = "c2FsdHNhbHRzYWx0c2FsdA";
    const TAG: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn is_accepted(phc: &str) -> bool {
        Stored::parse(&PasswordHash::from_phc(phc)).is_some()
    }

    #[test]
    fn only_argon2id_of_this_version_within_the_ceilings_is_accepted() {
        let with = |algorithm: &str, version: &str, parameters: &str| {
            is_accepted(&format!("${algorithm}{version}${parameters}${SALT}${TAG}"))
        };
        assert!(with("argon2id", "$v=19", "m=262144,t=10,p=4"));
        assert!(!with("argon2i", "$v=19", "m=64,t=2,p=1"));
        assert!(!with("argon2d", "$v=19", "m=64,t=2,p=1"));
        assert!(!with("scrypt", "$v=19", "m=64,t=2,p=1"));
        assert!(!with("argon2id", "$v=16", "m=64,t=2,p=1"));
        assert!(!with("argon2id", "", "m=64,t=2,p=1"));
        for absurd in [
            "m=262145,t=2,p=1",
            "m=4294967295,t=2,p=1",
            "m=99999999999,t=2,p=1",
            "m=64,t=11,p=1",
            "m=64,t=4294967295,p=1",
            "m=64,t=0,p=1",
            "m=64,t=2,p=5",
            "m=64,t=2,p=0",
            "m=31,t=2,p=4",
            "m=-64,t=2,p=1",
            "m=64,t=2",
        ] {
            assert!(!with("argon2id", "$v=19", absurd), "{absurd}");
        }
    }

    #[test]
    fn what_is_cut_or_not_a_hash_is_refused() {
        let whole = format!("$argon2id$v=19$m=64,t=2,p=1${SALT}${TAG}");
        assert!(is_accepted(&whole));
        for cut in 0..whole.len() {
            assert!(!is_accepted(&whole[..cut]), "{cut}");
        }
        for other in ["plain", "$2b$12$abcdefghijklmnopqrstuv", &format!("{whole}AA"), "\0"] {
            assert!(!is_accepted(other), "{other}");
        }
    }

    #[test]
    fn no_two_salts_are_equal() {
        let salts: std::collections::HashSet<Vec<u8>> =
            (0..1_000).map(|_| fresh_salt().unwrap().to_vec()).collect();
        assert_eq!(salts.len(), 1_000);
        assert!(salts.iter().all(|salt| salt.len() == SALT_BYTES));
    }
}
