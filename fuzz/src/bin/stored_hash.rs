//! Stored hashes: whatever stands where one should be opens to nobody and stops nothing, and none has more
//! done than this program is willing to.
//!
//! The input stands in the database. What it asks for is read once more, by less careful means.

#![no_main]

use std::{num::NonZero, sync::LazyLock};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use fastauth_argon2::{Argon2Hasher, Parameters, Peppers};
use fastauth_domain::password::{PasswordHash, PresentedPassword};
use fastauth_ports::passwords::{HashPasswords, Match, Turn};
use libfuzzer_sys::{Corpus, fuzz_target};

const PASSWORD: &str = "winter harbour";
/// KiB of memory that are filled here without a second thought.
const CHEAP: u64 = 1_024;
/// KiB of memory that a hash may ask for at most. For more, this process has not enough, which is how it
/// would be noticed; for a little less, it is passed over here.
const MOST: u64 = 262_144;
/// The tag of no password.
const TAG: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static HASHER: LazyLock<Argon2Hasher> = LazyLock::new(|| {
    let parameters = Parameters::new(64, 2, 1).unwrap();
    Argon2Hasher::start_with(&parameters, &Peppers::default(), NonZero::<usize>::MIN).unwrap()
});

fuzz_target!(|stored: &str| -> Corpus {
    let asked = Asked::of(stored);
    if (CHEAP..=MOST).contains(&asked.memory) {
        return Corpus::Reject;
    }
    assert!(!opens(stored), "{stored}");
    if asked.memory < CHEAP {
        asked.is_answered_within_the_ceilings();
    }
    Corpus::Keep
});

fn opens(stored: &str) -> bool {
    let password = PresentedPassword::new(&PASSWORD.into());
    let (stored, turn) = (PasswordHash::from_phc(stored), Turn::free());
    let compared = HASHER.verify(&password, Some(&stored), &turn);
    pollster::block_on(compared).unwrap() != Match::No
}

/// What a hash asks for.
struct Asked {
    memory: u64,
    passes: u64,
    lanes: u64,
    salt: Vec<u8>,
}

impl Asked {
    /// Of every number the largest, whatever else the text is.
    fn of(stored: &str) -> Self {
        let parts = || stored.split(['$', ',']);
        let number = |name| parts().filter_map(|part| part.strip_prefix(name)?.parse().ok()).max();
        Self {
            memory: number("m=").unwrap_or(0),
            passes: number("t=").unwrap_or(0),
            lanes: number("p=").unwrap_or(0),
            salt: stored.as_bytes().iter().rev().copied().take(48).collect(),
        }
    }

    /// The same hash with the tag that the password has, if there can be one, opens if it is within them.
    fn is_answered_within_the_ceilings(&self) {
        let Self { memory, passes, lanes, salt } = self;
        if *passes > 12 || *lanes > 6 || salt.len() < 8 {
            return;
        }
        let number = |number: &u64| u32::try_from(*number).unwrap();
        let Ok(params) = Params::new(number(memory), number(passes), number(lanes), Some(32))
        else {
            return;
        };
        let mut tag = [0; 32];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(PASSWORD.as_bytes(), salt, &mut tag).unwrap();
        let [salt, tag] = [salt.as_slice(), &tag].map(|bytes| STANDARD_NO_PAD.encode(bytes));
        let with =
            |tag: &str| format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${tag}");
        assert_eq!(opens(&with(&tag)), *passes <= 10 && *lanes <= 4, "{}", with(&tag));
        assert!(!opens(&with(TAG)), "{}", with(TAG));
    }
}
