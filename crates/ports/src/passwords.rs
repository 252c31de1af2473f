//! Hashing passwords.

#![cfg_attr(feature = "mock", expect(clippy::ref_option_ref, reason = "written by mockall"))]

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use fastauth_domain::{
    password::{NewPassword, PasswordHash, PresentedPassword},
    visitor::Origin,
};

use crate::unavailable::Unavailable;

/// What a comparison has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// The password is not the one that was hashed, or there was nothing to compare with.
    No,
    /// The password is the one that was hashed.
    Yes {
        /// Whether the hash was made under parameters that are no longer today's.
        outdated: bool,
    },
}

/// A turn at hashing passwords. Whoever holds it can have some hashed, one after the other; when it is
/// dropped, and all shares of it, it is the next one's.
#[must_use]
pub struct Turn(Option<Held>);

type Held = Arc<dyn Send + Sync>;

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").finish_non_exhaustive()
    }
}

impl Turn {
    /// A turn that is over when what it holds is dropped.
    pub fn holding(held: impl Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(held)))
    }

    /// A share of the turn, for work that is done to its end though nobody waits for it any more: until
    /// then the turn is not over.
    pub fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// A turn that nobody else waits for.
    pub const fn free() -> Self {
        Self(None)
    }
}

/// Hashes passwords, slowly on purpose, with bounded memory, away from the threads that serve
/// requests.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait HashPasswords: Send + Sync {
    /// Waits for a turn. To be done before anything that costs the rest of the program something, so
    /// that a storm of passwords is over where it begins; never by somebody who holds one already.
    ///
    /// Where it is asked from decides who waits for whom: a network that asks for much waits for itself,
    /// and does not make the others wait. When the wait would be too long it is [`Unavailable`] at once.
    async fn turn(&self, asked_from: &Origin) -> Result<Turn, Unavailable>;

    /// Whether there is a turn for somebody, or a place to wait for one, at the moment; otherwise it is
    /// [`Unavailable`]. For those who have to do something first that is not to be done with a turn.
    fn has_room(&self, asked_from: &Origin) -> Result<(), Unavailable>;

    /// Hashes a new password with a salt of its own.
    async fn hash(&self, password: &NewPassword, turn: &Turn) -> Result<PasswordHash, Unavailable>;

    /// Hashes a password again that has just been verified, under today's parameters.
    async fn renew(
        &self,
        password: &PresentedPassword,
        turn: &Turn,
    ) -> Result<PasswordHash, Unavailable>;

    /// Compares a password with a stored hash. Without one it does the same work, in the same time,
    /// and finds no match. A stored hash that cannot be read, or that asks for absurd resources, is
    /// no match either.
    async fn verify<'a>(
        &self,
        password: &PresentedPassword,
        stored: Option<&'a PasswordHash>,
        turn: &Turn,
    ) -> Result<Match, Unavailable>;
}
