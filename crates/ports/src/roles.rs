//! Reading roles.

use async_trait::async_trait;
use fastauth_domain::{
    identifier::AccountId,
    role::{Administrators, Rights, Role, RoleName},
};

use crate::unavailable::Unavailable;

/// Finds roles and who has them. What was committed before the call is seen.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ReadRoles: Send + Sync {
    /// What an account may do, whether it is disabled or not; `None` if there is no such account. One
    /// query.
    async fn rights(&self, account: AccountId) -> Result<Option<Rights>, Unavailable>;

    /// The role of this name.
    async fn role(&self, name: &RoleName) -> Result<Option<Role>, Unavailable>;

    /// Every role, in the order of their names.
    async fn roles(&self) -> Result<Vec<Role>, Unavailable>;

    /// Whoever may manage roles, with the version of the guard at that very moment. They are few, and all
    /// are read.
    async fn administrators(&self) -> Result<Administrators, Unavailable>;
}
