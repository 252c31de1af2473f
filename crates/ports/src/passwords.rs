//! Hashing passwords.

#![cfg_attr(feature = "mock", expect(clippy::ref_option_ref, reason = "written by mockall"))]

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

/// Hashes passwords, slowly on purpose, with bounded memory, away from the threads that serve
/// requests.
///
/// Where it was asked from decides who waits for whom: one network that asks for much is to wait for
/// itself, and not to make the others wait.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait HashPasswords: Send + Sync {
    /// Hashes a new password with a salt of its own.
    async fn hash(
        &self,
        password: &NewPassword,
        asked_from: &Origin,
    ) -> Result<PasswordHash, Unavailable>;

    /// Hashes a password again that has just been verified, under today's parameters.
    async fn renew(
        &self,
        password: &PresentedPassword,
        asked_from: &Origin,
    ) -> Result<PasswordHash, Unavailable>;

    /// Compares a password with a stored hash. Without one it does the same work, in the same time,
    /// and finds no match. A stored hash that cannot be read, or that asks for absurd resources, is
    /// no match either.
    async fn verify<'a>(
        &self,
        password: &PresentedPassword,
        stored: Option<&'a PasswordHash>,
        asked_from: &Origin,
    ) -> Result<Match, Unavailable>;
}
