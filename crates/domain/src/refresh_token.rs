//! Refresh tokens: session, generation and secret, sealed under the server's key.
//!
//! The token carries everything that is needed to judge it but one fact: the generation its session
//! has reached. A forged token fails its seal and costs no query. A stored session holds the SHA-256
//! of the secret only, so that a reader of the database cannot make a token, not even one who has
//! the server's key as well. The successor of a token is the same each time it is made.

use hmac::Mac;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    identifier::SessionId,
    moment::Moment,
    server_key::{DerivedKey, KeyPurpose, ServerKey},
    token::{Token, TokenHash},
};

const PREFIX: &str = "fa_refresh_";
const ID: usize = 16;
const GENERATION: usize = 4;
const SECRET: usize = 32;
const BODY: usize = ID + GENERATION + SECRET;
const SEAL: usize = 32;

/// How often the refresh token of a session has been turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(u32);

impl Generation {
    /// The generation of a session's first token.
    pub const FIRST: Self = Self(1);

    /// Reads a stored generation.
    pub const fn from_stored(generation: u32) -> Self {
        Self(generation)
    }

    /// The number to store.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The generation after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The key that seals refresh tokens.
#[derive(Clone, Debug)]
pub struct RefreshKey(DerivedKey);

impl RefreshKey {
    /// The key of this server.
    pub fn new(server: &ServerKey) -> Self {
        Self(server.derive(KeyPurpose::RefreshToken))
    }
}

/// A refresh token that this server made.
pub struct RefreshToken {
    session: SessionId,
    generation: Generation,
    secret: Zeroizing<[u8; SECRET]>,
}

impl RefreshToken {
    /// The first token of a new session.
    pub(crate) fn first(session: SessionId, moment: &mut Moment) -> Self {
        let secret = Zeroizing::new(moment.bytes());
        Self { session, generation: Generation::FIRST, secret }
    }

    /// The one successor of this token.
    #[must_use]
    pub(crate) fn next(&self) -> Self {
        let generation = self.generation.next();
        Self { session: self.session, generation, secret: self.secret.clone() }
    }

    /// Opens a token that a client presents; `None` if this server did not make it.
    pub fn open(presented: &Token, key: &RefreshKey) -> Option<Self> {
        let payload = presented.decode::<{ BODY + SEAL }>(PREFIX)?;
        let (body, seal) = payload.split_first_chunk::<BODY>()?;
        key.0.hmac().chain_update(body).verify_slice(seal).ok()?;
        let (id, rest) = body.split_first_chunk::<ID>()?;
        let (generation, secret) = rest.split_first_chunk::<GENERATION>()?;
        Some(Self {
            session: Uuid::from_bytes(*id).into(),
            generation: Generation(u32::from_be_bytes(*generation)),
            secret: Zeroizing::new(secret.try_into().ok()?),
        })
    }

    /// The token as its holder gets it.
    pub fn seal(&self, key: &RefreshKey) -> Token {
        let session = self.session.uuid();
        let generation = self.generation.0.to_be_bytes();
        let body = Zeroizing::new(
            [session.as_bytes().as_slice(), &generation, self.secret.as_slice()].concat(),
        );
        let seal = key.0.hmac().chain_update(body.as_slice()).finalize().into_bytes();
        Token::encode(PREFIX, &Zeroizing::new([body.as_slice(), &seal].concat()))
    }

    /// The session it belongs to.
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// Its place in the succession.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// What the session stores of its secret.
    pub(crate) fn secret_hash(&self) -> TokenHash {
        TokenHash::of(&self.secret)
    }
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshToken")
            .field("session", &self.session)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn key(secret: &str) -> RefreshKey {
        RefreshKey::new(&ServerKey::parse(secret.into()).unwrap())
    }

    fn ours() -> RefreshKey {
        key("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa")
    }

    fn token() -> RefreshToken {
        let mut moment = Moment::new(Timestamp::from_unix_micros(0), [7; 32]);
        let session = SessionId::generate(&mut moment);
        RefreshToken::first(session, &mut moment)
    }

    #[test]
    fn a_sealed_token_opens_as_what_it_was() {
        let opened = RefreshToken::open(&token().next().seal(&ours()), &ours()).unwrap();
        assert_eq!(opened.session(), token().session());
        assert_eq!(opened.generation(), Generation::FIRST.next());
        assert_eq!(opened.secret_hash(), token().secret_hash());
    }

    #[test]
    fn the_successor_is_the_same_each_time_it_is_made() {
        let (once, again) = (token().next().seal(&ours()), token().next().seal(&ours()));
        assert_eq!(once.expose(), again.expose());
        assert_ne!(once.expose(), token().seal(&ours()).expose());
    }

    #[test]
    fn a_token_under_another_key_does_not_open() {
        let theirs = key("Zk3vQ9sW1xN6bT8yH2mC4pL7rD5fJ0gA");
        assert!(RefreshToken::open(&token().seal(&theirs), &ours()).is_none());
    }

    #[test]
    fn a_later_generation_cannot_be_made_without_the_key() {
        let sealed = token().seal(&ours());
        let mut payload = sealed.decode::<{ BODY + SEAL }>(PREFIX).unwrap();
        payload[ID + GENERATION - 1] += 1;
        assert!(RefreshToken::open(&Token::encode(PREFIX, payload.as_slice()), &ours()).is_none());
    }
}
