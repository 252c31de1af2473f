//! Peppers: secrets that go into hashes and are kept elsewhere than those.

use argon2::KeyId;
use fastauth_domain::server_key::{DerivedKey, KeyPurpose, ServerKey, WeakSecret};
use secrecy::{ExposeSecret, SecretString};

/// What stands in the place of a pepper for none.
const NONE: &str = "none";

/// The secrets that passwords are hashed with besides their salts (RFC 9106 section 3.1, `K`).
/// Whoever has stolen the hashes and not these cannot try a single password.
///
/// A hash names the pepper that it was made with, and can be compared with for as long as that one is
/// here. So can a hash that was made with none.
#[derive(Clone, Default)]
pub struct Peppers {
    today: Option<Pepper>,
    earlier: Vec<Pepper>,
}

#[derive(Clone)]
struct Pepper {
    id: KeyId,
    key: DerivedKey,
}

impl Peppers {
    /// Reads secrets with spaces between them. New hashes are made with the first, or with none if
    /// that is the word `none`; the others are those of earlier.
    pub fn parse(text: &SecretString) -> Result<Self, WeakSecret> {
        let mut secrets = text.expose_secret().split_whitespace();
        let today = match secrets.next() {
            None | Some(NONE) => None,
            Some(secret) => Some(Pepper::parse(secret)?),
        };
        let earlier = secrets.map(Pepper::parse).collect::<Result<_, _>>()?;
        Ok(Self { today, earlier })
    }

    /// The name of the pepper that new hashes are made with.
    pub(crate) fn id_of_today(&self) -> KeyId {
        self.today.as_ref().map_or(KeyId::EMPTY, |pepper| pepper.id)
    }

    /// The pepper of this name, which is empty for the name of none.
    pub(crate) fn named(&self, id: &[u8]) -> Option<&[u8]> {
        if id.is_empty() {
            return Some(&[]);
        }
        let mut all = self.today.iter().chain(&self.earlier);
        all.find(|pepper| pepper.id.as_bytes() == id).map(|pepper| pepper.key.expose().as_slice())
    }
}

impl std::fmt::Debug for Peppers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peppers").finish_non_exhaustive()
    }
}

impl Pepper {
    fn parse(secret: &str) -> Result<Self, WeakSecret> {
        let key = ServerKey::parse(SecretString::from(secret))?;
        let id = key.derive(KeyPurpose::PasswordPepperId);
        let (id, _) = id.expose().split_at(KeyId::MAX_LEN);
        // It has the length that names may have.
        let id = KeyId::new(id).map_err(|_| WeakSecret::Guessable)?;
        Ok(Self { id, key: key.derive(KeyPurpose::PasswordPepper) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa";
    const OTHER: &str = "T4gHsPaoJ0x1cEwFz2nqkD5u8VbR7mLy";

    fn peppers(text: &str) -> Peppers {
        Peppers::parse(&text.into()).unwrap()
    }

    #[test]
    fn each_secret_is_found_by_its_name_and_has_one_wherever_it_stands() {
        let (one, both) = (peppers(ONE), peppers(&format!("{OTHER}  {ONE}")));
        let id = one.id_of_today();
        assert_eq!(one.named(id.as_bytes()), both.named(id.as_bytes()));
        assert_ne!(both.named(both.id_of_today().as_bytes()), both.named(id.as_bytes()));
        assert!(one.named(both.id_of_today().as_bytes()).is_none());
    }

    #[test]
    fn the_name_of_none_is_known_to_all() {
        for peppers in [Peppers::default(), peppers(ONE)] {
            assert_eq!(peppers.named(&[]), Some([].as_slice()));
        }
        let earlier = peppers(&format!("none {ONE}"));
        assert!(earlier.id_of_today().as_bytes().is_empty());
        assert!(earlier.named(peppers(ONE).id_of_today().as_bytes()).is_some());
    }

    #[test]
    fn what_can_be_guessed_is_refused_and_nothing_is_printed() {
        assert_eq!(Peppers::parse(&"short".into()).unwrap_err(), WeakSecret::TooShort);
        let second = format!("{ONE} changeme-changeme-changeme-changeme");
        assert_eq!(Peppers::parse(&second.as_str().into()).unwrap_err(), WeakSecret::Guessable);
        assert_eq!(format!("{:?}", peppers(ONE)), "Peppers { .. }");
    }
}
