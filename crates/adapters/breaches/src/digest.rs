//! By what a password is searched for.

use std::fmt::{self, Write};

use fastauth_domain::password::NewPassword;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use zeroize::Zeroizing;

/// How many digits of a hash are told.
const TOLD: usize = 5;
/// How many digits a hash has.
const DIGITS: usize = 40;

/// The SHA-1 of a password in hexadecimal digits. What it protects is that somebody who hears five of
/// them has a million passwords to choose from; the whole of it would tell a weak password.
pub(crate) struct Digest(Zeroizing<String>);

impl Digest {
    pub(crate) fn of(password: &NewPassword) -> Self {
        let mut digits = Zeroizing::new(String::with_capacity(DIGITS));
        for octet in digest(&SHA1_FOR_LEGACY_USE_ONLY, password.expose()).as_ref() {
            // Writing to a `String` cannot fail.
            let _ = write!(digits, "{octet:02X}");
        }
        Self(digits)
    }

    /// The digits that are told.
    pub(crate) fn prefix(&self) -> &str {
        self.0.split_at(TOLD).0
    }

    /// Those that stay here.
    pub(crate) fn suffix(&self) -> &str {
        self.0.split_at(TOLD).1
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use fastauth_domain::{email::EmailAddress, password::PasswordPolicy};

    use super::*;

    #[test]
    fn a_password_is_known_by_the_hash_that_the_service_knows_it_by() {
        let owner = EmailAddress::parse("ada@example.com").unwrap();
        let policy = PasswordPolicy { min_length: 1, max_length: 128, product: None };
        // FIPS 180-4, the example of one block.
        let digest =
            Digest::of(&NewPassword::parse(&"abc".into(), (&owner).into(), &policy).unwrap());
        assert_eq!(digest.prefix(), "A9993");
        assert_eq!(digest.suffix(), "E364706816ABA3E25717850C26C9CD0D89D");
        assert_eq!(format!("{digest:?}"), "Digest([REDACTED])");
    }
}
