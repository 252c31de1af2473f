//! A hasher that does not hash.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use fastauth_domain::{
    password::{NewPassword, PasswordHash, PresentedPassword},
    visitor::Origin,
};
use fastauth_ports::{
    passwords::{HashPasswords, Match, Turn},
    unavailable::Unavailable,
};

/// Stores passwords readably, at once, and counts what it is asked to do.
///
/// Its hashes look like `$plain$v=1,n=3$secret`: the version of the parameters, a number of its own
/// in place of a salt, and the password.
#[derive(Debug, Default)]
pub struct PlainHasher {
    version: AtomicU32,
    hashes: AtomicU32,
    comparisons: AtomicU32,
}

impl PlainHasher {
    /// Changes the parameters: every hash made so far is outdated.
    pub fn change_parameters(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// How many hashes were made, renewals included.
    pub fn hashes(&self) -> u32 {
        self.hashes.load(Ordering::SeqCst)
    }

    /// How many passwords were compared, with a stored hash or with none.
    pub fn comparisons(&self) -> u32 {
        self.comparisons.load(Ordering::SeqCst)
    }

    fn parameters(&self) -> String {
        format!("v={}", self.version.load(Ordering::SeqCst))
    }

    fn wrap(&self, password: &[u8]) -> PasswordHash {
        let nth = self.hashes.fetch_add(1, Ordering::SeqCst);
        let (parameters, password) = (self.parameters(), String::from_utf8_lossy(password));
        PasswordHash::from_phc(format!("$plain${parameters},n={nth}${password}"))
    }
}

#[async_trait]
impl HashPasswords for PlainHasher {
    async fn turn(&self, _: &Origin) -> Result<Turn, Unavailable> {
        Ok(Turn::free())
    }

    fn has_room(&self, _: &Origin) -> Result<(), Unavailable> {
        Ok(())
    }

    async fn hash(&self, password: &NewPassword, _: &Turn) -> Result<PasswordHash, Unavailable> {
        Ok(self.wrap(password.expose()))
    }

    async fn renew(
        &self,
        password: &PresentedPassword,
        _: &Turn,
    ) -> Result<PasswordHash, Unavailable> {
        Ok(self.wrap(password.expose()))
    }

    async fn verify<'a>(
        &self,
        password: &PresentedPassword,
        stored: Option<&'a PasswordHash>,
        _: &Turn,
    ) -> Result<Match, Unavailable> {
        self.comparisons.fetch_add(1, Ordering::SeqCst);
        let Some((parameters, hashed)) = stored.and_then(unwrap) else { return Ok(Match::No) };
        if hashed.as_bytes() != password.expose() {
            return Ok(Match::No);
        }
        Ok(Match::Yes { outdated: parameters != self.parameters() })
    }
}

/// The parameters and the password of a hash, if it is one of these.
fn unwrap(hash: &PasswordHash) -> Option<(&str, &str)> {
    let (head, password) = hash.as_phc().strip_prefix("$plain$")?.split_once('$')?;
    let (parameters, _) = head.split_once(',')?;
    Some((parameters, password))
}

#[cfg(test)]
mod tests {
    use fastauth_domain::{email::EmailAddress, password::PasswordPolicy};

    use super::*;

    fn accepted(text: &str) -> NewPassword {
        let owner = EmailAddress::parse("ada@example.com").unwrap();
        let policy = PasswordPolicy { min_length: 1, max_length: 128, product: None };
        NewPassword::parse(&text.into(), (&owner).into(), &policy).unwrap()
    }

    fn presented(text: &str) -> PresentedPassword {
        PresentedPassword::new(&text.into())
    }

    #[tokio::test]
    async fn only_the_password_that_was_hashed_matches() {
        let hasher = PlainHasher::default();
        let hash = hasher.hash(&accepted("a $ign, and more"), &Turn::free()).await.unwrap();
        let right = hasher
            .verify(&presented("a $ign, and more"), Some(&hash), &Turn::free())
            .await
            .unwrap();
        assert_eq!(right, Match::Yes { outdated: false });
        assert_eq!(
            hasher.verify(&presented("and more"), Some(&hash), &Turn::free()).await.unwrap(),
            Match::No
        );
        let foreign = PasswordHash::from_phc("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA");
        assert_eq!(
            hasher.verify(&presented("aGFzaA"), Some(&foreign), &Turn::free()).await.unwrap(),
            Match::No
        );
        assert_eq!(
            hasher.verify(&presented("and more"), None, &Turn::free()).await.unwrap(),
            Match::No
        );
        assert_eq!((hasher.hashes(), hasher.comparisons()), (1, 4));
    }

    #[tokio::test]
    async fn a_hash_is_outdated_until_it_is_renewed() {
        let hasher = PlainHasher::default();
        let old = hasher.hash(&accepted("winter harbour"), &Turn::free()).await.unwrap();
        hasher.change_parameters();
        let password = presented("winter harbour");
        let outdated = hasher.verify(&password, Some(&old), &Turn::free()).await.unwrap();
        assert_eq!(outdated, Match::Yes { outdated: true });
        let renewed = hasher.renew(&password, &Turn::free()).await.unwrap();
        assert_ne!(renewed, old);
        let today = hasher.verify(&password, Some(&renewed), &Turn::free()).await.unwrap();
        assert_eq!(today, Match::Yes { outdated: false });
    }
}
